# A timer's function makes a call INNER, TIMES times, while the program waits in one call after the other.
import sys
import time

import mqtt

try:
    import machine

    machine.Timer
except (ImportError, AttributeError):
    print("SKIP there are no timers")
    sys.exit()

errors = []
ended = 0
waited = 0
calls = {
    "publish_1": lambda: client.publish("inner", "%d" % ended, 1),
    "publish_2": lambda: client.publish("inner", "%d" % ended, 2),
    "subscribe": lambda: client.subscribe("inner/%d" % (ended % 3), print, 1),
}


def tick(timer):
    global ended, waited
    if ended >= TIMES:
        return
    began = time.ticks_ms()
    try:
        calls[INNER]()
    except Exception as error:
        errors.append(error)
    waited = max(waited, time.ticks_diff(time.ticks_ms(), began))
    ended += 1


client = mqtt.Client("timer", command_timeout=10000)
assert client.connect(HOST, 60, PORT) == 0
timer = machine.Timer(period=5, callback=tick)
longest = sent = 0
while ended < TIMES and not errors:
    began = time.ticks_ms()
    if sent % 3 == 2:
        client.subscribe("outer", print, 1)
    else:
        client.publish("outer", "", 1 + sent % 3)
    longest = max(longest, time.ticks_diff(time.ticks_ms(), began))
    sent += 1
timer.deinit()
assert not errors, errors
print("the function's calls took", waited, "ms at most, the program's", longest)
assert waited < 5000 and longest < 5000, (waited, longest)
assert sent > 20 and client.connected()
client.disconnect()
print("OK")
