# The loop pauses for 20 s, after a failure. The program connects again: messages that come meanwhile are delivered
# at once.
import time

import mqtt
from on_target.control import tell
from on_target.support import Record, wait_until

got = Record()
failures = []


def failed(client):
    failures.append(client)
    return mqtt.RECOVERED


def connected(client):
    if failures:
        # Its answer comes after a message, which is read here and delivered elsewhere.
        client.publish("ask", "", 1)
        tell("send")
        # The loop may read it meanwhile, and must not forget it: with less time it proves less, not more.
        time.sleep_ms(500)


client = mqtt.Client("new-connection", cycle_timeout=20000, command_timeout=10000)
assert client.connect(HOST, 0, PORT, loop_failure=failed, aconnect_cb=connected) == 0
client.publish("go")
wait_until(lambda: failures)
client.subscribe("t", got)
for again in (lambda: client.connect(HOST, 0, PORT, loop_failure=failed, aconnect_cb=connected), client.reconnect):
    got.messages.clear()
    assert again() == 0
    began = time.ticks_ms()
    wait_until(lambda: len(got) == 3, 60)
    took = time.ticks_diff(time.ticks_ms(), began)
    assert got.messages == [("t", b"with the CONNACK"), ("t", b"in aconnect_cb"), ("t", b"unread")], got.messages
    print("delivered after", took, "ms")
    assert took < 3000 * SLOWNESS, took
    if len(failures) == 1:
        client.publish("go")
        # Noticed at once; loop_failure is not called again before its time.
        wait_until(lambda: not client.connected(), 8)
        failures.append(None)
client.disconnect()
print("OK")
