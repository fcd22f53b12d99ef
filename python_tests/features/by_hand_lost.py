# A program that waits for a message while the connection ends: of a broker that closes, and of one that is silent.
import time

import mqtt
from on_target.support import expect_errno

client = mqtt.Client("by_hand", command_timeout=10000)
client.connect(HOST, 60, PORT, start_loop=False)
client.publish("close")
expect_errno(104, client.wait_msg)
assert client.failure.errno
expect_errno(107, client.wait_msg)
expect_errno(107, client.ping)
client.connect(HOST, 1, SILENT, start_loop=False)
begin = time.ticks_ms()
expect_errno(110, client.wait_msg)
assert time.ticks_diff(time.ticks_ms(), begin) < 1500 * SLOWNESS + 1000
print("OK")
