# Publishes MESSAGES numbers without waiting, to a broker that acknowledges late and may restart.
import errno
import time

import mqtt


def on_failure(client):
    try:
        client.reconnect()
    except OSError as error:
        print(error)
    return mqtt.RECOVERED


def elapsed(begin):
    return time.ticks_diff(time.ticks_ms(), begin)


client = mqtt.Client("fast", clean_session=False, cycle_timeout=20, command_timeout=30000)
assert client.connect(HOST, 60, PORT, loop_failure=on_failure, start_loop=START_LOOP) == 0
number = 0
one_by_one = 0
if FASTER:
    begin = time.ticks_ms()
    for number in range(20):
        client.publish("fast", b"%d" % number, 1)
    one_by_one = elapsed(begin) / 20
    number = 20
open_ones = []
left = MESSAGES - number
begin = time.ticks_ms()
while number < MESSAGES:
    try:
        open_ones.append(client.publish("fast", b"%d" % number, 1, wait=False))
        number += 1
    except OSError as error:
        assert error.errno == errno.ENOBUFS, error
        # Until there is room again.
        open_ones.pop(0).wait()
for delivery in open_ones:
    delivery.wait()
took = elapsed(begin) / left
print(one_by_one, took)
assert not FASTER or one_by_one >= FASTER * took, (one_by_one, took)
client.disconnect()
print("OK")
