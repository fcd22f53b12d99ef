# heap: 300K
# Three messages are published, WHERE it says, and before each answer comes a message for which there is no memory.
import errno
import sys
import time

import mqtt
from on_target.support import wait_until

errors = []
begun = []
ended = []
failures = []


def publish(client):
    for number in range(3):
        try:
            client.publish("out", b"%d" % number, 1)
        except Exception as error:
            # A function's call may leave it to others to read on: the message is in flight.
            if WHERE != "function" or not isinstance(error, OSError) or error.errno != errno.ENOBUFS:
                errors.append(error)
    ended.append(None)


def take(client, payload, topic):
    if WHERE == "function":
        publish(client)
    elif WHERE == "main":
        # The loop is busy with this, and the main program reads, or waits for it.
        begun.append(None)
        time.sleep(2)


if WHERE in ("main", "thread"):
    try:
        import _thread
    except ImportError:
        print("SKIP it takes threads")
        sys.exit()
client = mqtt.Client("somebody-elses", command_timeout=10000)
assert client.connect(HOST, 60, PORT, loop_failure=failures.append, start_loop=WHERE != "no loop") == 0
client.subscribe("m", take)
if WHERE in ("main", "function"):
    client.publish("go")
if WHERE == "main":
    wait_until(lambda: begun)
if WHERE in ("main", "no loop"):
    publish(client)
elif WHERE == "thread":
    _thread.start_new_thread(publish, (client,))
wait_until(lambda: ended, 40)
assert not errors, errors
# Its answer comes after all of them.
client.publish("last", "", 1)
assert not failures and client.connected()
client.disconnect()
print("OK")
