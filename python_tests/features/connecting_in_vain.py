import time

import mqtt
from on_target.support import expect, expect_errno


def no_callback(client):
    print("called")
    raise SystemExit(1)


def attempt(errno, longest, *args):
    """Fails in time, and so does the same again."""
    for connect in (lambda: client.connect(*args, None, None, no_callback, no_callback), client.reconnect):
        begin = time.ticks_ms()
        expect_errno(errno, connect)
        took = time.ticks_diff(time.ticks_ms(), begin)
        assert took <= longest * SLOWNESS, took
        assert client.get_return_code() == -1
        assert client.connected() is False
    return took


TIMEOUT = 700 + HANDSHAKE
client = mqtt.Client("x", command_timeout=TIMEOUT)
attempt(111, 600, HOST, 60, CLOSED_PORT)
attempt(113, 15000, "no-such-host.invalid", 60, PORT)
attempt(113, 15000, "not a name", 60, PORT)
assert attempt(110, TIMEOUT + 800, HOST, 60, PORT) >= TIMEOUT - 10
expect(OSError, client.connect, "999.1.1.1", 60, PORT)
client = mqtt.Client("web", command_timeout=5000)
error = expect(mqtt.MQTTException, client.connect, HOST, 60, PORT)
assert client.get_return_code() == -1 and not client.connected()
print("OK")
