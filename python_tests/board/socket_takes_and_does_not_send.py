# The broker reads nothing any more. Where a socket takes a packet and does not send it, the client
# does not take it for sent: MicroPython's lwIP sockets do that where lwIP has no place for it, after
# they have kept the program waiting for 10 s.
import errno
import socket
import time

import mqtt


class NoDelay:
    """Has every packet take a place of its own in lwIP, which has few."""

    def wrap_socket(self, inner, server_hostname=None, do_handshake_on_connect=True):
        inner.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return inner


for context, number, at_most in ((None, errno.ETIMEDOUT, 10000), (NoDelay(), errno.ENOMEM, 30000)):
    client = mqtt.Client("in-vain", command_timeout=3000)
    assert client.connect(HOST, 0, PORT, context) == 0
    begin = last = time.ticks_ms()
    try:
        while time.ticks_diff(last, begin) < 90000:
            client.publish("t", bytes(100))
            last = time.ticks_ms()
        raise AssertionError("it took everything")
    except OSError as error:
        print(error, "after", time.ticks_diff(time.ticks_ms(), last), "ms")
        assert error.errno == number, error
    assert time.ticks_diff(time.ticks_ms(), last) < at_most
    assert not client.connected()
    client.disconnect()
print("OK")
