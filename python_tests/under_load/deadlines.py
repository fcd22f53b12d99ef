# heap: 96m
# The broker floods, from the first of CALLS on, and answers nothing: each call ends when its time is over. They
# are made WHERE: by the main program, in a function, or in a thread of their own.
import errno
import sys
import time

import mqtt
from on_target.held_up import held_up
from on_target.support import wait_until

LIMIT = COMMAND + COMMAND // 10 + 100
# Larger than the buffers of a connection.
LARGE = 32 << 20
ended = []
connected_again = []

NAME = "deadlines"
WHERE = "main"
GO = "go"
MAY_BE_FULL = False


def measured(call, *args):
    """Its exception or result; the time that it took, without the time that other programs took from it; all of it."""
    held_up_before = held_up()
    began = time.ticks_ms()
    try:
        result = call(*args)
    except OSError as error:
        result = error
    took = time.ticks_diff(time.ticks_ms(), began)
    waited = min(max((held_up() - held_up_before) // 1000, 0), took)
    print(call, "took", took, "ms, of which it waited", waited, "ms for a processor:", repr(result))
    return result, took - waited, took


def in_vain(call, *args):
    result, took, whole = measured(call, *args)
    assert isinstance(result, OSError), result
    assert took <= LIMIT, took
    if result.errno == errno.ENOBUFS and MAY_BE_FULL:
        # A message may have to wait for the function's end before it turns out to match no filter.
        return
    assert result.errno == errno.ETIMEDOUT and whole >= COMMAND - 50, (result, whole)


def publish_1(client):
    in_vain(client.publish, "trigger", "", 1)


def publish_2(client):
    in_vain(client.publish, "trigger", "", 2)


def publish_0_large(client):
    client.publish("large")
    in_vain(client.publish, "trigger", bytes(LARGE), 0)


def subscribe(client):
    in_vain(client.subscribe, "trigger", print)


def unsubscribe(client):
    in_vain(client.unsubscribe, "taken")


def reconnect(client):
    result, took, _ = measured(client.reconnect)
    assert result == 0 and took <= LIMIT, (result, took)
    connected_again.append(None)


def disconnect(client):
    result, took, _ = measured(client.disconnect)
    assert result is None and took <= LIMIT, (result, took)
    assert not client.connected()


def perform(client):
    try:
        for name in CALLS:
            globals()[name](client)
        ended.append(None)
    except Exception as error:
        ended.append(error)


def go(client, payload, topic):
    perform(client)


def taken(client, payload, topic):
    pass


if WHERE == "thread":
    try:
        import _thread
    except ImportError:
        print("SKIP it takes threads")
        sys.exit()
client = mqtt.Client(NAME, command_timeout=COMMAND)
client.subscribe("taken", taken)
result, took, _ = measured(client.connect, HOST, 60, PORT, None, None, None, None, LOOP)
assert took <= LIMIT, took
if NAME == "registered" and result != 0:
    # Its SUBSCRIBE was not answered.
    assert isinstance(result, OSError) and result.errno == errno.ETIMEDOUT, result
    assert not client.connected()
    CALLS = ()
else:
    assert result == 0, result
if WHERE == "main":
    perform(client)
elif WHERE == "thread":
    _thread.start_new_thread(perform, (client,))
    # Another one waits for an answer meanwhile.
    publish_1(client)
else:
    try:
        client.subscribe(GO, go)
    except OSError:
        # The function that disconnects may be quicker than this call, which its SUBACK has woken.
        if CALLS[0] != "disconnect":
            raise
wait_until(lambda: ended, 60)
assert ended == [None], ended
if client.connected():
    disconnect(client)
if not connected_again:
    # The client is as good as before.
    assert client.connect(HOST, 60, PORT, start_loop=LOOP) == 0
    client.publish("after", "", 1)
    client.disconnect()
print("OK")
