# A program that waits for a message of a broker that does not answer.
import time

import mqtt
from on_target.support import expect_errno

client = mqtt.Client("by_hand", command_timeout=10000 + HANDSHAKE)
client.connect(HOST, 1, PORT, start_loop=False)
begin = time.ticks_ms()
expect_errno(110, client.wait_msg)
assert time.ticks_diff(time.ticks_ms(), begin) < 1500 * SLOWNESS + 1000
print("OK")
