# A thread keeps the outbox full. Calls that wait in another one get their turn all the same.
import errno
import sys
import time

import mqtt
from on_target.support import wait_until

try:
    import _thread
except ImportError:
    print("SKIP there are no threads")
    sys.exit()

ended = False
failed = []
count = 0
last = None


def keep_full():
    global ended, count, last
    try:
        while longest is None:
            try:
                last = client.publish("busy", b"%d" % count, 1, wait=False)
                count += 1
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                full.append(count)
                time.sleep_ms(1)
    except Exception as error:
        failed.append(error)
    ended = True


client = mqtt.Client("threads", command_timeout=20000)
assert client.connect(HOST, 60, PORT, start_loop=START_LOOP) == 0
longest = None
full = []
_thread.start_new_thread(keep_full, ())
wait_until(lambda: full)
took = []
for number in range(5):
    begin = time.ticks_ms()
    client.publish("waits", b"%d" % number, 1 + number % 2)
    took.append(time.ticks_diff(time.ticks_ms(), begin))
longest = max(took)
wait_until(lambda: ended)
print(longest, count)
assert not failed, failed
assert longest < 10000, took
last.wait()
client.disconnect()
print("OK")
