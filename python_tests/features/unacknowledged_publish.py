import time

import mqtt
from on_target.support import expect_errno

TIMEOUT = 400 + HANDSHAKE
client = mqtt.Client("x", command_timeout=TIMEOUT)
for start_loop in (True, False):
    assert client.connect(HOST, 60, PORT, start_loop=start_loop) == 0
    for qos in (1, 2):
        begin = time.ticks_ms()
        expect_errno(110, client.publish, "a", "", qos)
        took = time.ticks_diff(time.ticks_ms(), begin)
        assert TIMEOUT - 10 <= took < TIMEOUT + 1000 * SLOWNESS, took
        assert client.connected()
    client.publish("a", "", 0)
    client.subscribe("b", print, 1)
    client.unsubscribe("b")
    client.disconnect()
print("OK")
