# Clients that are connected, without a loop, and forgotten: the collector closes their sockets.
import gc
import os
import sys

import mqtt

try:
    os.listdir("/proc/self/fd")
except (AttributeError, OSError):
    print("SKIP this system does not tell how many sockets are open")
    sys.exit()


def forget():
    for number in range(CLIENTS):
        c = mqtt.Client("", command_timeout=10000)
        c.subscribe("t/forgotten", print)
        assert c.connect(HOST, 60, PORT, start_loop=False) == 0


before = len(os.listdir("/proc/self/fd"))
forget()
gc.collect()
gc.collect()
left = len(os.listdir("/proc/self/fd")) - before
print(left)
# The collector may take a stray word for a reference.
assert left <= 5, left
print("OK")
