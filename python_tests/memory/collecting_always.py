# Everything that a client does, with exceptions flying, while the collector runs at every allocation
# (GC_THRESHOLD), and overwrites freed memory at once. An object that only Rust refers to for
# a moment is collected too early here, if it can be anywhere.
import gc
import io

import mqtt
from on_target.support import Record, expect, wait_until

text_number = 0


def fresh(text):
    """A text that nobody else refers to."""
    global text_number
    text_number += 1
    return "%s %d" % (text, text_number)


def write_over():
    """Takes the memory that the collector has freed."""
    return [bytes(b"\xa5" * size) for size in (8, 24, 40, 80, 150, 300)]


def holds(error, *args):
    write_over()
    assert error.args == args, error


def failing(_kind, _args, _call, *args, **kwargs):
    """The exception keeps its text."""
    error = expect(_kind, _call, *args, **kwargs)
    write_over()
    assert error.args[: len(_args)] == _args, error
    assert type(error.args[-1]) is str, error
    return error


class Raw(io.IOBase):
    """A stream that passes everything to its socket, until it raises."""

    def __init__(self, socket):
        self.socket = socket

    def readinto(self, buffer):
        if raising.get("read"):
            raise raising.pop("read")
        return self.socket.readinto(buffer)

    def write(self, data):
        if raising.get("write"):
            raise raising.pop("write")
        return self.socket.write(data)

    def ioctl(self, request, argument):
        if request == 3:  # MP_STREAM_POLL
            poll.modify(self.socket, argument)
            found = poll.poll(0)
            return found[0][1] if found else 0
        if request == 4:  # MP_STREAM_CLOSE
            poll.unregister(self.socket)
            self.socket.close()
        return 0


class Context:
    def wrap_socket(self, socket, server_hostname=None, do_handshake_on_connect=True):
        write_over()
        poll.register(socket)
        return Raw(socket)


import select

poll = select.poll()
raising = {}
record = Record()
failures = []
inside = []


def on_message(client, payload, topic):
    write_over()
    record(client, payload, topic)
    if payload == b"raise":
        raise ValueError(fresh("mine"))
    if payload == b"publish":
        client.publish(fresh("inside"), bytearray(b"from a function"), 2)
        inside.append(1)


def before(client):
    write_over()
    if raising.get("before"):
        raise raising.pop("before")


def after(client):
    write_over()
    client.publish(fresh("after"), fresh("payload"), 1)
    client.subscribe("echo/#", on_message, 2)
    if raising.get("after"):
        raise raising.pop("after")


def recover(client):
    write_over()
    try:
        if raising.get("failure"):
            raise raising.pop("failure")
        client.reconnect()
    finally:
        failures.append(1)
    return mqtt.RECOVERED


def recovered():
    """The loop has connected again."""
    wait_until(lambda: failures)
    assert client.connected()
    failures.clear()


def echoes(payload, qos=0):
    topic = fresh("echo/")
    record.messages.clear()
    client.publish(topic, payload, qos)
    wait_until(lambda: record)
    write_over()
    assert record.messages == [(topic, bytes(payload))], record.messages


def refused(client_id, code):
    other = mqtt.Client(client_id, command_timeout=5000)
    assert other.connect(HOST, 60, PORT) == code
    failing(OSError, (), other.publish, fresh("t"))


client = mqtt.Client(fresh("collected"), False, 20, 20000)
client.set_username_pw(fresh("ann"), fresh("secret"))
client.set_will(fresh("will"), bytearray(b"lost"), 1)
for ssl_ctx in (None, Context()):
    failing(OSError, (), client.connect, fresh("no.such.host.invalid ."), 60, PORT)
    failing(OSError, (), client.connect, HOST, 60, CLOSED_PORT)
    raising["after"] = KeyError(fresh("after"))
    failing(KeyError, (), client.connect, HOST, 60, PORT, ssl_ctx, before, after, recover)
    assert client.connect(HOST, 60, PORT, ssl_ctx, before, after, recover) == 0
    failing(OSError, (), client.connect, HOST, 60, PORT)
    for number in range(ROUNDS):
        for qos in range(3):
            echoes(fresh("payload").encode(), qos)
            echoes(bytearray(fresh("a longer payload") * 50, "utf-8"), qos)
        echoes(b"raise")
        echoes(b"publish")
        wait_until(lambda: inside)
        inside.clear()
        # Errors about arguments, and about answers.
        failing(ValueError, (), client.publish, fresh("wild/+"))
        failing(TypeError, (), client.publish, "t", 5)
        failing(ValueError, (), client.subscribe, fresh("a#"), on_message)
        failing(mqtt.MQTTException, (128,), client.subscribe, fresh("refused"), on_message, 1)
        topic = fresh("other/") + "/+"
        client.subscribe(topic, on_message, number % 3)
        client.unsubscribe(topic)
        raising["before"] = IndexError(fresh("before"))
        failing(IndexError, (), client.reconnect)
        if ssl_ctx:
            mine = fresh("write")
            raising["write"] = KeyError(mine)
            # A packet is not written whole: the connection ends.
            holds(expect(KeyError, client.publish, fresh("t"), fresh("p")), mine)
            recovered()
            raising["write"] = OSError(5, fresh("write"))
            failing(OSError, (5,), client.publish, fresh("t"), fresh("p"), 1)
            recovered()
        # The broker closes the connection, while somebody waits; it breaks the protocol.
        for topic in ("close", "illegal"):
            failing(OSError, (), client.publish, topic, fresh("p"), 1)
            recovered()
            echoes(b"recovered", 2)
        assert client.reconnect() == 0
    # loop_failure raises, which ends the loop.
    raising["failure"] = ZeroDivisionError(fresh("failure"))
    client.publish("close", fresh("p"))
    wait_until(lambda: failures)
    failures.clear()
    client.disconnect()
for code in range(1, 6):
    refused("refused %d" % code, code)
other = [mqtt.Client(fresh("forgotten")) for _ in range(10)]
del other
for _ in range(3):
    write_over()
    gc.collect()
print("OK")
