import sys
import time

import mqtt
from on_target.support import expect_errno, wait_until

try:
    import _thread  # noqa: F401 - it is there
except ImportError:
    # A function that is being called keeps everything else waiting.
    print("SKIP it takes threads")
    sys.exit()

release = []
entered = []


def on_message(client, payload, topic):
    entered.append(1)
    while not release:
        time.sleep_ms(2)


client = mqtt.Client("x", command_timeout=10000)
client.subscribe("a", on_message)
assert client.connect(HOST, 60, PORT) == 0
client.publish("a")
wait_until(lambda: entered)
for timeout in (0, 50):
    begin = time.ticks_ms()
    expect_errno(110, client.disconnect, timeout)
    took = time.ticks_diff(time.ticks_ms(), begin)
    assert timeout <= took < timeout + 1000 * SLOWNESS, took
    assert client.connected() is False
release.append(1)
assert client.disconnect() is None
assert client.disconnect(0) is None
# An idle loop is woken.
client = mqtt.Client("x", cycle_timeout=60000, command_timeout=60000)
assert client.connect(HOST, 0, PORT) == 0
time.sleep_ms(50)
begin = time.ticks_ms()
client.disconnect()
assert time.ticks_diff(time.ticks_ms(), begin) < 1000 * SLOWNESS
print("OK")
