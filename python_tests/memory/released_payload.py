# A message that is not to be sent again, for the broker has said that it has it, or the clean session in which
# it was unacknowledged has ended (DISCONNECT): its payload is free.
import mqtt
from on_target.heap import used
from on_target.support import expect_errno

SIZE = min(20000, LARGEST)


def publish(size):
    expect_errno(110, client.publish, "a", bytes(size), 2)


client = mqtt.Client("released", command_timeout=400 + HANDSHAKE)
assert client.connect(HOST, 60, PORT) == 0
publish(5)
before = used()
publish(SIZE)
if DISCONNECT:
    client.disconnect()
kept = used() - before
assert kept < SIZE // 2, kept
if not DISCONNECT:
    client.disconnect()
print("OK")
