# `auto_reconnect` connects again, with pauses that double; a call by hand does it, too.
import time

import mqtt
from on_target.support import expect, stays, wait_until

for wrong in ({"first": 0}, {"most": -1}):
    expect(ValueError, mqtt.auto_reconnect, **wrong)
expect(TypeError, mqtt.auto_reconnect, "1000")
again = mqtt.auto_reconnect(FIRST, MOST)
for arguments in ((), (1,), (mqtt.Client("a"), 1)):
    expect(TypeError, again, *arguments)
# Without a connect() it could never succeed.
expect(OSError, again, mqtt.Client("never"))

attempts = []
raises = [ValueError("not this time"), OSError(1, "nor this one")]


def attempt(client):
    attempts.append(time.ticks_ms())
    if raises:
        raise raises.pop()


ups = []
client = mqtt.Client("again", cycle_timeout=10000, command_timeout=20000)
options = {"breconnect_cb": attempt, "aconnect_cb": lambda client: ups.append(client.session_present)}
assert client.connect(HOST, 30, PORT, loop_failure=again, **options) == 0
client.publish("close")
# Two attempts end in breconnect_cb, and the broker refuses three.
wait_until(lambda: len(ups) == 2)
assert client.connected() and client.failure is not None
pauses = [time.ticks_diff(b, a) for a, b in zip(attempts, attempts[1:])]
print(pauses)
due = [min(FIRST << n, MOST) for n in range(5)]
assert len(pauses) == len(due), pauses
# Less a quarter at most; a slow machine adds.
for pause, full in zip(pauses, due):
    assert full * 3 // 4 - 2 <= pause <= full + 500 * SLOWNESS, (pauses, due)
client.publish("still/here", qos=1)

# The loop is the old one: it recovers again, and at once, from the first pause on.
attempts.clear()
client.publish("close")
wait_until(lambda: len(ups) == 3)
assert len(attempts) == 1
client.disconnect()
assert not client.connected()

# disconnect() ends a pause at once. The main program runs on meanwhile.
never = mqtt.auto_reconnect(600000, 600000)
attempts.clear()
assert client.connect(HOST, 30, PORT, loop_failure=never, **options) == 0
client.set_username_pw("refused")
client.publish("close")
wait_until(lambda: attempts)
stays(lambda: len(attempts) == 1, 300)
begin = time.ticks_ms()
client.disconnect(5000)
assert time.ticks_diff(time.ticks_ms(), begin) < 1000 * SLOWNESS

# By hand.
client.set_username_pw(None)
assert client.connect(HOST, 30, PORT, start_loop=False) == 0
client.disconnect()
assert again(client) == mqtt.RECOVERED and client.connected()
client.disconnect()
print("OK")
