# Publishing takes no heap, and a received message takes memory for its payload, and for its topic if the
# message before had another.
import gc
import time

import mqtt

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
# The loop has taken its memory already, however late it begins to run.
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

client.subscribe(TOPIC + "/+", on_message)
topics = [TOPIC + "/a", TOPIC + "/b"]
turn = 0


def to_the_other():
    global turn
    begin = count
    turn = 1 - turn
    client.publish(topics[turn], PAYLOAD)
    while count == begin:
        time.sleep_ms(1)


to_the_other()
buffer = bytearray(topics[0].encode())
of_topics = taken(lambda: bytes(buffer))
received = taken(to_the_other)
assert of_topics >= COUNT * len(topics[0]), of_topics
assert received - idle <= of_payloads + of_topics, (received, idle, of_payloads, of_topics)
client.disconnect()
print("OK")
