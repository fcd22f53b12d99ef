import sys

import mqtt
from on_target.support import payload_of, wait_until

try:
    import _thread
except ImportError:
    print("SKIP there are no threads")
    sys.exit()

client = mqtt.Client("publishing_threads")
assert client.connect(HOST, 60, PORT) == 0
ended = []


def publish_all(thread):
    result = "it raised"
    try:
        for number in range(EACH):
            client.publish("threads/%d" % thread, b"%d " % number + payload_of(number), 1 + thread % 2)
        result = "done"
    finally:
        ended.append(result)


for thread in range(THREADS):
    _thread.start_new_thread(publish_all, (thread,))
wait_until(lambda: len(ended) == THREADS)
assert ended == ["done"] * THREADS
client.disconnect()
print("OK")
