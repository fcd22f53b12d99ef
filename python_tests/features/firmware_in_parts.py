# A payload that is larger than the memory arrives in parts, slowly and then fast, while a ping is due.
import gc

import mqtt
from on_target.support import need_into, payload_of, wait_until

need_into()

buffer = bytearray(1000)
failures = []
received = 0
wrong = []
ended = 0
most = 0
unit = payload_of(18)
assert len(unit) == 996
pattern = unit * 3


def on_part(client, part, topic):
    global received, ended, most
    message = client.message
    start = message.offset % len(unit)
    if message.offset != received or message.size != LENGTH or part != memoryview(pattern)[start : start + len(part)]:
        wrong.append((message.offset, received, len(part), message.size))
    received += len(part)
    most = max(most, gc.mem_alloc())
    if received == message.size:
        ended += 1
        received = 0


client = mqtt.Client("firmware", command_timeout=60000)
client.subscribe("firmware", on_part, QOS, into=buffer)
assert client.connect(HOST, KEEP_ALIVE, PORT, loop_failure=failures.append) == 0
client.publish("begin")
wait_until(lambda: ended == 2 or failures or wrong, 60)
assert not failures and not wrong, (failures, client.failure, wrong)
print("at most", most, "bytes of heap in use, of", gc.mem_alloc() + gc.mem_free())
client.publish("after", "", 1)
client.disconnect()
print("OK")
