# ssl_ctx may be anything that wraps sockets.
import gc

import mqtt
from on_target.support import Record, expect, wait_until


class Context:
    """Wraps a socket in nothing."""

    def __init__(self, wrap=lambda socket: socket):
        self.wrap = wrap
        self.calls = []

    def wrap_socket(self, socket, server_hostname=None, do_handshake_on_connect=True):
        self.calls.append((server_hostname, do_handshake_on_connect))
        return self.wrap(socket)


def fail(socket):
    raise KeyError("mine")


client = mqtt.Client("wrap")
context = Context()
record = Record()
assert client.connect(HOST, 60, PORT, context) == 0
client.subscribe("tls/wrap", record)
client.publish("tls/wrap", bytes(20000), 2)
wait_until(lambda: len(record) == 1)
assert client.reconnect() == 0
client.publish("tls/wrap", b"again", 1)
wait_until(lambda: len(record) == 2)
client.disconnect()
assert context.calls == [(HOST, False)] * 2, context.calls

# The stream has closed a socket that it must not close, and the client closes it, once.
assert client.connect(HOST, 60, PORT, Context(lambda socket: socket.close() or socket)) == 0
client.disconnect()

expect(KeyError, client.connect, HOST, 60, PORT, Context(fail))
for nothing in (None, 1, b"stream", object()):
    error = expect(TypeError, client.connect, HOST, 60, PORT, Context(lambda socket: nothing))
    assert "wrap_socket" in str(error), error


class Wrong:
    wrap_socket = 1


class Raising:
    def __getattr__(self, name):
        raise OSError(5)


for bad in (Wrong(), Raising(), Context):
    expect(TypeError, client.connect, HOST, 60, PORT, bad)
assert not client.connected()
assert client.connect(HOST, 60, PORT, context) == 0
client.disconnect()
gc.collect()
print("OK")
