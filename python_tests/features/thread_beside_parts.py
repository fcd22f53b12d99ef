# Another thread waits for the broker, whose answer stands behind a payload in parts: it waits for the loop, and the
# payload is whole. Functions that MicroPython schedules publish in between.
import _thread
import time

import mqtt
from on_target.support import need_into, payload_of, wait_until

import micropython

need_into()


unit = payload_of(18)
offsets = []
wrong = []
ended = []
scheduled = []
client = mqtt.Client("beside", command_timeout=30000)


def on_part(client, part, topic):
    message = client.message
    for at in (0, len(part) - 1):
        if part[at] != unit[(message.offset + at) % len(unit)]:
            wrong.append(message.offset)
    if message.offset != sum(offsets):
        wrong.append((message.offset, sum(offsets)))
    offsets.append(len(part))
    time.sleep_ms(1)
    if len(offsets) % 16 == 3:
        micropython.schedule(run, None)


def run(_):
    client.publish("scheduled", "x")
    scheduled.append(None)


def beside():
    try:
        for _ in range(3):
            client.publish("beside", "x", 1)
        ended.append(None)
    except Exception as error:
        ended.append(error)


client.subscribe("image", on_part, QOS, into=bytearray(4096))
assert client.connect(HOST, 30, PORT) == 0
client.publish("begin")
wait_until(lambda: offsets)
for _ in range(2):
    _thread.start_new_thread(beside, ())
# The main program, too.
beside()
wait_until(lambda: len(ended) == 3 and sum(offsets) == LENGTH)
assert ended == [None] * 3 and not wrong, (ended, wrong)
wait_until(lambda: scheduled)
client.disconnect()
print("OK")
