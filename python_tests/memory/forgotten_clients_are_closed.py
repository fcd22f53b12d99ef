import gc
import sys

import mqtt
from on_target.support import expect

try:
    import os

    def descriptors():
        return len(list(os.ilistdir("/proc/self/fd")))

    descriptors()
except (ImportError, OSError, AttributeError):
    print("SKIP the descriptors that are open cannot be counted")
    sys.exit()

kinds = 4


class Derived(mqtt.Client):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # Both are garbage at once.
        self.myself = self

    def __del__(self):
        super().__del__()


def make(number):
    client = (mqtt.Client, Derived)[number // kinds % 2]("forgotten_%d" % number, command_timeout=5000)
    kind = number % kinds
    if kind == 0:
        client.connect(HOST, 60, PORT, start_loop=False)
        client.subscribe("a", lambda *_: client)
    elif kind == 1:
        client.connect(HOST, 60, PORT)
        client.disconnect()
    elif kind == 2:
        expect(OSError, client.connect, HOST, 60, 1)
    else:
        client.connect(HOST, 60, PORT, start_loop=False)
        client.publish("a", "unread")


def clear_stack(depth):
    """Old references on the stack keep the objects that they point to."""
    return 0 if depth == 0 else 1 + clear_stack(depth - 1)


before = descriptors()
most = 0
for number in range(CLIENTS * 4 // 3):
    make(number)
    if number % 20 == 0:
        clear_stack(10)
        gc.collect()
    most = max(most, descriptors())
clear_stack(10)
gc.collect()
assert most <= before + 30, (before, most)
assert descriptors() <= before + 4, (before, descriptors())
print("OK")
