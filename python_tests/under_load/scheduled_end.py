# A scheduled function disconnects or reconnects, on top of a call that waits for an answer which never comes.
import errno
import time

import mqtt
from on_target.control import broker_lets_wait
from on_target.support import expect, wait_until

import micropython

errors = []
ended = 0
waited = 0


def work(_):
    """Not before the broker has the message: until then it comes again later."""
    global ended, waited
    if not broker_lets_wait():
        micropython.schedule(work, None)
        return
    began = time.ticks_ms()
    try:
        if INNER == "disconnect":
            client.disconnect()
        else:
            assert client.reconnect() == 0
    except Exception as error:
        errors.append(error)
    waited = max(waited, time.ticks_diff(time.ticks_ms(), began))
    ended += 1


client = mqtt.Client("scheduled-end", command_timeout=6000)
longest = 0
for number in range(TIMES):
    assert client.connect(HOST, 60, PORT, start_loop=LOOP) == 0
    began = time.ticks_ms()
    micropython.schedule(work, None)
    error = expect(OSError, client.publish, "outer", "", 1)
    longest = max(longest, time.ticks_diff(time.ticks_ms(), began))
    assert error.errno not in (errno.ETIMEDOUT, 0), error
    wait_until(lambda: ended == number + 1)
    assert not errors, (number, errors)
    assert client.connected() == (INNER == "reconnect")
    client.disconnect()
print("the function's calls took", waited, "ms at most, the program's", longest)
assert waited < 3000 and longest < 3000, (waited, longest)
print("OK")
