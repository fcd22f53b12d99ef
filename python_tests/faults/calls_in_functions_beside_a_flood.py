# A function calls methods while a flood of MESSAGES messages comes in: CASE says which. Messages that
# wait for the function to return may fill the inbox: then a call raises ENOBUFS, and the function hands
# the work on to the main program, unless the message is in flight already.
import errno
import time

import mqtt
from on_target.support import wait_until

errors = []
handed_on = []
depth = 0
got = []
others = []


def guarded(function):
    """Functions never run inside of each other, and their exceptions are noticed."""

    def call(client, payload, topic):
        global depth
        depth += 1
        try:
            assert depth == 1, "delivered inside of another delivery"
            function(client, payload, topic)
        except Exception as error:
            errors.append(error)
            raise
        finally:
            depth -= 1

    return call


def flooded(client, payload, topic):
    got.append(int(payload))


def other(client, payload, topic):
    others.append(payload)


def do(method, *args):
    try:
        method(*args)
    except OSError as error:
        if error.errno not in (errno.ENOBUFS, errno.EAGAIN):
            raise
        if "in flight" not in error.args[1]:
            handed_on.append((method, args))


def do_handed_on():
    while handed_on:
        method, args = handed_on.pop(0)
        method(*args)


def publish_0(client):
    do(client.publish, "t/cb/other", b"x", 0)
    return 1


def publish_1(client):
    for i in range(20):
        do(client.publish, "t/cb/other", b"x", 1)
    return 20


def publish_2(client):
    for i in range(20):
        do(client.publish, "t/cb/other", b"x", 2)
    return 20


def subscribe(client):
    for i in range(20):
        do(client.subscribe, "t/cb/new/%d" % i, guarded(other), i % 3)
        do(client.publish, "t/cb/new/%d" % i, b"x", 2)
    return 20


def resubscribe(client):
    for i in range(20):
        do(client.subscribe, "t/cb/do", guarded(act), i % 3)
    return 0


def unsubscribe(client):
    do(client.unsubscribe, "t/cb/other")
    do(client.publish, "t/cb/other", b"x", 2)
    return 0


def unsubscribe_itself(client):
    do(client.unsubscribe, "t/cb/do")
    do(client.publish, "t/cb/do", b"for nobody", 2)
    do(client.publish, "t/cb/other", b"x", 2)
    return 1


def reconnect(client):
    for i in range(3):
        assert client.reconnect() == 0
    do(client.publish, "t/cb/other", b"x", 2)
    return 1


def disconnect(client):
    client.disconnect()
    assert not client.connected()
    return 0


def disconnect_and_connect(client):
    client.disconnect()
    assert client.connect(HOST, 60, PORT) == 0
    do(client.publish, "t/cb/other", b"x", 2)
    return 1


def raising(client):
    raise ValueError("as it should")


def recursion(client):
    do(client.publish, "t/cb/again", b"50", 2)
    return 51


def again(client, payload, topic):
    others.append(payload)
    if int(payload):
        do(client.publish, topic, str(int(payload) - 1), int(payload) % 3)


def computing(client):
    time.sleep_ms(300)
    return 0


expected = None


def act(client, payload, topic):
    global expected
    expected = -1
    expected = globals()[CASE](client)


c = mqtt.Client("cb-" + CASE, clean_session=False, cycle_timeout=50, command_timeout=20000)
flooder = mqtt.Client("flooder-" + CASE, command_timeout=20000)
# QoS 2: one that was not acknowledged before a reconnect() would come, and reconnect, for ever.
c.subscribe("t/cb/do", guarded(act), 2)
c.subscribe("t/cb/flood", guarded(flooded), QOS)
c.subscribe("t/cb/other", guarded(other), 1)
c.subscribe("t/cb/again", guarded(again), 2)
c.connect(HOST, 60, PORT)
flooder.connect(HOST, 60, PORT)
for i in range(MESSAGES):
    if i == 3:
        flooder.publish("t/cb/do", b"", 2)
    flooder.publish("t/cb/flood", str(i), QOS)
flooder.disconnect()
if CASE == "disconnect":
    wait_until(lambda: expected == 0 and not c.connected())
    c.disconnect()
    c.connect(HOST, 60, PORT)
wait_until(lambda: do_handed_on() or len(set(got)) == MESSAGES)
if CASE == "raising":
    assert expected == -1 and len(errors) == 1 and isinstance(errors.pop(), ValueError)
else:
    wait_until(lambda: do_handed_on() or expected is not None and expected >= 0)
    wait_until(lambda: do_handed_on() or errors or len(others) >= expected)
    assert len(others) == expected, (others, expected)
assert not errors, errors
if CASE in ("reconnect", "disconnect", "disconnect_and_connect") and QOS == 1:
    # Messages without an acknowledgement on the old connection may come twice.
    first = []
    seen = set()
    for number in got:
        if number not in seen:
            seen.add(number)
            first.append(number)
    got = first
wrong = [(i, got[i - 1 : i + 2]) for i in range(1, len(got)) if got[i] != got[i - 1] + 1]
assert got == list(range(MESSAGES)), wrong
c.disconnect()
# Leave no session behind.
c = mqtt.Client("cb-" + CASE)
c.connect(HOST, 60, PORT)
c.disconnect()
print("OK")
