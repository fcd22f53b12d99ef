# uses: support
# Publishing takes no heap, and a received message what its payload takes.
import gc

COUNT = 50
PAYLOAD = b"x" * 64
count = 0


def on_message(client, payload, topic):
    global count
    count += 1


def taken(function):
    """Heap that COUNT calls take, garbage included."""
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    for _ in range(COUNT):
        function()
    after = gc.mem_alloc()
    gc.enable()
    return after - before


def round_trip():
    begin = count
    client.publish(TOPIC, PAYLOAD)
    while count == begin:
        time.sleep_ms(1)


client = mqtt.Client("allocations")
assert client.connect(HOST, 60, PORT) == 0
# The loop has taken what it needs already, however late it begins to run.
assert taken(lambda: time.sleep_ms(1)) == 0
for qos in range(3):
    client.publish("allocations/nobody", PAYLOAD, qos)
    used = taken(lambda: client.publish("allocations/nobody", PAYLOAD, qos))
    assert used == 0, (qos, used)
assert taken(lambda: client.publish("allocations/nobody", "text", 2, False)) == 0

client.subscribe(TOPIC, on_message)
round_trip()
buffer = bytearray(PAYLOAD)
of_payloads = taken(lambda: bytes(buffer))
idle = taken(lambda: time.sleep_ms(1))
received = taken(round_trip)
assert of_payloads >= COUNT * len(PAYLOAD), of_payloads
assert received - idle <= of_payloads, (received, idle, of_payloads)
client.disconnect()
print("OK")
