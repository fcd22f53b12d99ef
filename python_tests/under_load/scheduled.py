# Again and again a function that makes a call INNER is scheduled just before the program makes a call OUTER, and
# runs on top of it. Both end well, and at once.
import time

import mqtt
from on_target.support import wait_until

import micropython

errors = []
ended = 0
waited = 0
calls = {
    "publish_0": lambda name, number: client.publish(name, "%d" % number),
    "publish_1": lambda name, number: client.publish(name, "%d" % number, 1),
    "publish_2": lambda name, number: client.publish(name, "%d" % number, 2),
    "publish_later": lambda name, number: client.publish(name, "%d" % number, 1, wait=False),
    "subscribe": lambda name, number: client.subscribe(name, print, 1),
    "unsubscribe": lambda name, number: client.unsubscribe(name),
}
inner, outer = calls[INNER], calls[OUTER]


def work(number):
    global ended, waited
    began = time.ticks_ms()
    try:
        inner("inner", number)
    except Exception as error:
        errors.append(error)
    waited = max(waited, time.ticks_diff(time.ticks_ms(), began))
    ended += 1


client = mqtt.Client("scheduled", command_timeout=6000)
assert client.connect(HOST, 60, PORT, start_loop=LOOP) == 0
longest = 0
for number in range(TIMES):
    micropython.schedule(work, number)
    began = time.ticks_ms()
    outer("outer", number)
    longest = max(longest, time.ticks_diff(time.ticks_ms(), began))
    # On another thread it may run beside this one.
    wait_until(lambda: ended == number + 1)
    assert not errors, (number, errors)
print("the function's calls took", waited, "ms at most, the program's", longest)
# Neither has waited for its deadline.
assert waited < 3000 and longest < 3000, (waited, longest)
assert client.connected()
client.disconnect()
print("OK")
