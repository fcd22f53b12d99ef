import gc
import time

import mqtt
from on_target.support import Record, payload_of, wait_until

try:
    import _thread
except ImportError:
    _thread = None

record = Record()
ended = []


def on_message(client, payload, topic):
    gc.collect()
    record(client, payload, topic)


def collect():
    while len(record) < MESSAGES:
        gc.collect()
        # MicroPython's lock is not fair: a thread that never waits keeps it from the others for most of the time.
        time.sleep_ms(1)
    ended.append(1)


client = mqtt.Client("collecting", False, 10, 20000)
assert client.connect(HOST, 60, PORT) == 0
client.subscribe(TOPIC + "/+", on_message, 2)
if _thread:
    _thread.start_new_thread(collect, ())
for number in range(MESSAGES):
    client.publish(TOPIC + "/%d" % number, bytearray(payload_of(number)), number % 3)
    gc.collect()
    if number % 50 == 0:
        client.subscribe(TOPIC + "/%d/#" % number, lambda *_: None, 1)
wait_until(lambda: len(record) >= MESSAGES)
for number in range(MESSAGES):
    message = (TOPIC + "/%d" % number, payload_of(number))
    assert record.messages.count(message) == 1, number
wait_until(lambda: ended or not _thread)
client.disconnect()
forget = mqtt.Client("collecting")
assert forget.connect(HOST, 60, PORT) == 0
forget.disconnect()
print("OK")
