# Eight threads publish at QoS 0, 1 and 2 on one client, which receives it all.
import sys

import mqtt
from on_target.support import wait_until

try:
    import _thread
except ImportError:
    print("SKIP it takes threads")
    sys.exit()

THREADS = 8
EACH = 150
got = {}
done = []


def take(client, payload, topic):
    got.setdefault(topic, []).append(int(payload))


def publisher(number):
    try:
        for i in range(EACH):
            qos = (i + number) % 3
            c.publish("t/threads/%d/%d" % (number, qos), str(i), qos)
        done.append(None)
    except Exception as error:
        done.append(error)


c = mqtt.Client("threads", command_timeout=20000)
c.connect(HOST, 60, PORT)
c.subscribe("t/threads/#", take, 2)
for number in range(THREADS):
    _thread.start_new_thread(publisher, (number,))
wait_until(lambda: len(done) == THREADS, 40)
assert done == [None] * THREADS, done
wait_until(lambda: sum(map(len, got.values())) >= THREADS * EACH)
for number in range(THREADS):
    for qos in range(3):
        expected = [i for i in range(EACH) if (i + number) % 3 == qos]
        assert got["t/threads/%d/%d" % (number, qos)] == expected
c.disconnect()
print("OK")
