# heap: 256K
# A message takes half of the memory, and clients some of the rest: there is no room for it to come back.
import gc

import mqtt
from on_target.support import Record, expect, wait_until

gc.collect()
large = bytearray(gc.mem_free() // 2)
record = Record()
client = mqtt.Client("too_large", command_timeout=20000)
assert client.connect(HOST, 60, PORT) == 0
client.subscribe(TOPIC, record, 2)
client.publish(TOPIC, "small", 1)
wait_until(lambda: record)
client.publish(TOPIC, memoryview(large))
client.publish(TOPIC, "between", 1)
wait_until(lambda: len(record) == 2)
# A message of QoS 1 and 2 is kept, so a buffer is copied.
expect(MemoryError, client.publish, TOPIC, memoryview(large), 1)
client.publish(TOPIC, memoryview(large))
client.publish(TOPIC, "between", 1)
wait_until(lambda: len(record) == 3)
assert record.messages == [(TOPIC, b"small"), (TOPIC, b"between"), (TOPIC, b"between")]
assert client.connected()
large = None
gc.collect()
client.publish(TOPIC, bytes(20000), 2)
wait_until(lambda: len(record) == 4)
assert record.messages[3] == (TOPIC, bytes(20000))
client.disconnect()
print("OK")
