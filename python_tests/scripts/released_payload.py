# uses: support heap
# The broker has said that it has the message, and nothing since: what is kept of it is its identifier.
SIZE = min(20000, LARGEST)


def publish(size):
    expect_errno(110, client.publish, "a", bytes(size), 2)


client = mqtt.Client("released", command_timeout=400)
assert client.connect(HOST, 60, PORT) == 0
publish(5)
before = used()
publish(SIZE)
kept = used() - before
assert kept < SIZE // 2, kept
client.disconnect()
print("OK")
