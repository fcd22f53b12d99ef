# A scheduled function makes a call INNER while the program waits for CONNACK, which comes when the function is done.
import errno
import time

import mqtt
from on_target.control import broker_lets_wait, tell
from on_target.support import expect, wait_until

import micropython

errors = []
outcomes = []
deliveries = []
waited = 0
calls = {
    "publish_0": lambda: client.publish("inner"),
    "publish_1": lambda: client.publish("inner", "", 1),
    "publish_2": lambda: client.publish("inner", "", 2),
    "publish_later": lambda: deliveries.append(client.publish("inner", "", 1, wait=False)),
    "subscribe": lambda: client.subscribe("inner", print, 1),
    "unsubscribe": lambda: client.unsubscribe("inner"),
    "disconnect": lambda: client.disconnect(),
}


def work(_):
    """Not before the broker has the CONNECT: until then it comes again later."""
    global waited
    if not broker_lets_wait():
        micropython.schedule(work, None)
        return
    began = time.ticks_ms()
    try:
        outcome = calls[INNER]()
    except OSError as error:
        outcome = error.errno
    except Exception as error:
        outcome = error
    waited = max(waited, time.ticks_diff(time.ticks_ms(), began))
    if INNER != "disconnect":
        tell("done")
    outcomes.append(outcome)


# A filter may be registered without a connection, and a message wait for one.
expected = {"subscribe": (None, errno.ENOTCONN), "publish_later": (None,), "disconnect": (None,)}.get(INNER, (errno.ENOTCONN,))
longest = 0
for number in range(TIMES):
    client = mqtt.Client("scheduled-connect", command_timeout=6000)
    outcomes.clear()
    began = time.ticks_ms()
    micropython.schedule(work, None)
    if INNER == "disconnect":
        expect(OSError, client.connect, HOST, 60, PORT)
    else:
        assert client.connect(HOST, 60, PORT) == 0
    longest = max(longest, time.ticks_diff(time.ticks_ms(), began))
    wait_until(lambda: outcomes)
    assert len(outcomes) == 1 and outcomes[0] in expected, outcomes
    for delivery in deliveries:
        delivery.wait()
    client.disconnect()
print("the function's calls took", waited, "ms at most, the program's", longest)
assert waited < 1000 * SLOWNESS and longest < 3000 * SLOWNESS, (waited, longest)
print("OK")
