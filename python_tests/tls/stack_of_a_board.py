# The built-in TLS on a board: how much of the stack a connection takes, from one end to the other.
import time

import machine
import mqtt
from on_target.support import Record, payload_of, wait_until

# port/mps2/mps2.ld: the main stack lies at the bottom of RAM.
BOTTOM = 0x20000000
SIZE = 0xB000
PAINT = 0x5AFEC0DE
# The stack in use now is smaller than that.
IN_USE = 6 * 1024

context = mqtt.create_ssl_context(CA, hostname=HOSTNAME)
record = Record()
client = mqtt.Client("board")
for address in range(BOTTOM, BOTTOM + SIZE - IN_USE, 4):
    machine.mem32[address] = PAINT
begin = time.ticks_ms()
assert client.connect(HOST, 60, PORT, context) == 0
took = time.ticks_diff(time.ticks_ms(), begin)
client.subscribe("tls/board", record, 2)
for qos in range(3):
    client.publish("tls/board", payload_of(qos + 900), qos)
wait_until(lambda: len(record) == 3)
assert client.reconnect() == 0
client.publish("tls/board", bytes(5000), 1)
wait_until(lambda: len(record) == 4)
assert record.messages[3][1] == bytes(5000)
client.disconnect()
address = BOTTOM
while machine.mem32[address] == PAINT:
    address += 4
used = BOTTOM + SIZE - address
print("connected in", took, "ms; stack:", used, "of", SIZE)
assert used <= SIZE - 4096, used
print("OK")
