# COUNT connections, one after the other: memory and descriptors come back.
import gc

import mqtt
from on_target.resources import open_files
from on_target.secure import context_of_kind
from on_target.support import expect

context = context_of_kind()


client = mqtt.Client("many")


def rounds(count):
    for number in range(count):
        assert client.connect(HOST, 60, PORT, context) == 0
        client.publish("tls/many", b"%d" % number, 1)
        if number % 3:
            client.disconnect()
        else:
            assert client.reconnect() == 0
            client.disconnect()
        if number % 10 == 0:
            expect(OSError, client.connect, HOST, 60, PORT)
    gc.collect()
    return gc.mem_alloc(), open_files()


before = rounds(COUNT // 5)
after = rounds(COUNT)
print(before, after)
assert after[0] <= before[0] + 2048, (before, after)
assert after[1] <= before[1], (before, after)
print("OK")
