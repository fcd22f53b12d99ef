# Calls, exceptions and ends of the connection in the middle of a payload. The topic `more` makes the broker send a
# payload of 10 bytes; the buffer has 4.
import errno

import mqtt
from on_target.support import expect, need_into, wait_until

need_into()

calls = []
errors = []
todo = {}


def on_part(client, part, topic):
    message = client.message
    call = message.offset, bytes(part), message.size
    function = todo.pop(message.offset, None)
    try:
        if function is not None:
            function()
        # A method that waited has let nothing into the buffer.
        assert bytes(part) == call[1] and client.message == message
    finally:
        calls.append(call)


WHOLE = [(0, b"0123", 10), (4, b"4567", 10), (8, b"89", 10)]


def more(*parts):
    """Lets a message come, and these parts of it. Until then the program does not wait for the broker: it would read
    the message, and the function would get all of it from the inbox.
    """
    calls.clear()
    client.publish("more")
    wait_until(lambda: len(calls) >= len(parts))
    client.publish("end", "", 1)
    assert calls == list(parts), calls


def publish_in_vain():
    # Its answer is behind the rest of the payload; the message has left all the same.
    error = expect(OSError, client.publish, "in the middle", "", 1)
    assert error.errno == errno.ENOBUFS, error
    client.publish("in the middle", "", 0)
    # So with other methods that wait.
    expect(OSError, client.subscribe, "other", print)


def raise_an_exception():
    raise ValueError("in the middle")


def subscribe_later():
    client.publish("in the last part", "", 1)
    client.publish("in the last part", "", 2)


def forget():
    try:
        client.unsubscribe("parts")
    except OSError as error:
        errors.append(error.errno)


def replace():
    try:
        client.subscribe("parts", on_part, into=bytearray(5))
    except OSError as error:
        errors.append(error.errno)


client = mqtt.Client("calls", command_timeout=20000)
assert client.connect(HOST, 30, PORT) == 0
client.subscribe("parts", on_part, into=bytearray(4))
more(*WHOLE)
todo[4] = publish_in_vain
more(*WHOLE)
todo[8] = subscribe_later
more(*WHOLE)

# After an exception the function gets nothing more of this payload.
todo[4] = raise_an_exception
more(*WHOLE[:2])
more(*WHOLE)
todo[8] = raise_an_exception
more(*WHOLE)

# The old function is there again, for the answer to the subscription did not come.
todo[4] = replace
more(*WHOLE)
assert errors == [errno.ENOBUFS], errors
more(*WHOLE)
errors.clear()

# From its call on the function does not fire.
todo[4] = forget
more(*WHOLE[:2])
assert errors == [errno.ENOBUFS], errors
# The message waits in the inbox perhaps, where the next subscription would find it.
others = []
client.set_callback(lambda client, payload, topic: others.append(topic))
more()
wait_until(lambda: others == ["parts"])
client.set_callback(None)
client.subscribe("parts", on_part, into=bytearray(4))

# The end of the connection, in the middle.
todo[4] = client.disconnect
calls.clear()
client.publish("more", "", 0)
wait_until(lambda: len(calls) == 3)
assert calls == WHOLE[:2] + [(8, b"", 0)], calls
assert client.failure is None and not client.connected()
assert client.connect(HOST, 30, PORT) == 0
more(*WHOLE)

todo[4] = client.reconnect
calls.clear()
client.publish("more", "", 0)
wait_until(lambda: len(calls) == 3)
assert calls == WHOLE[:2] + [(8, b"", 0)], calls
assert client.connected()
more(*WHOLE)
todo[8] = client.reconnect
calls.clear()
client.publish("more", "", 0)
wait_until(lambda: len(calls) == 3)
assert calls == WHOLE, calls
more(*WHOLE)
client.disconnect()
assert len(calls) == 3
print("OK")
