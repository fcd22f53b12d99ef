# heap: 1m
# There is no memory for the thread of the loop, then there is.
import sys

import mqtt
from on_target.support import wait_until


def ask(word):
    assert sys.stdin.readline() == word + "\n"


def entries():
    import os

    return len(os.listdir("/proc/self/fd"))


failures = []
client = mqtt.Client("no-thread", command_timeout=5000)
begun = entries()
if CALL != "connect":
    assert client.connect(HOST, 60, PORT, start_loop=False) == 0
print("ready")
ask("limited")
error = None
try:
    if CALL == "connect":
        client.connect(HOST, 60, PORT, loop_failure=failures.append)
    else:
        client.loop()
except (OSError, MemoryError) as raised:
    error = raised
# Made here: later there may be no memory for it.
connected = client.connected()
print("failed")
ask("unlimited")
print(repr(error), connected)
assert error is not None, "there was a thread"
# Where the connection was there before, it stays.
assert connected == (CALL == "loop")
if CALL == "connect":
    wait_until(lambda: entries() == begun, 5)
    assert client.connect(HOST, 60, PORT, loop_failure=failures.append) == 0
else:
    client.loop()
client.publish("after", "", 1)
client.disconnect()
assert not failures
print("OK")
