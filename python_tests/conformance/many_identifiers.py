# COUNT publishes at QoS 1 by PUBLISHERS threads, while WITHHELD threads wait for the PUBACK of one
# message each.
import sys

import mqtt
from on_target.support import wait_until

try:
    import _thread
except ImportError:
    print("SKIP it takes threads")
    sys.exit()

c = mqtt.Client("many", command_timeout=120000)
c.connect(HOST, 0, PORT)
done = []
errors = []


def once(number):
    try:
        c.publish("hold", str(number), 1)
        done.append(number)
    except Exception as error:
        errors.append(error)


def many(count):
    try:
        publish = c.publish
        for i in range(count):
            publish("t", b"x", 1)
        done.append(-1)
    except Exception as error:
        errors.append(error)


for i in range(WITHHELD):
    _thread.start_new_thread(once, (i,))
for i in range(PUBLISHERS):
    _thread.start_new_thread(many, (COUNT // PUBLISHERS,))
wait_until(lambda: errors or len(done) == PUBLISHERS, 100)
assert not errors, errors
# Those that wait are still waiting.
assert done == [-1] * PUBLISHERS
c.publish("release", b"", 1)
wait_until(lambda: errors or len(done) == PUBLISHERS + WITHHELD)
assert not errors, errors
assert sorted(done[PUBLISHERS:]) == list(range(WITHHELD))
c.disconnect()
print("OK")
