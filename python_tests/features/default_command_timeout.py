import time

import mqtt
from on_target.support import expect_errno

client = mqtt.Client("x")
assert client.connect(HOST, 0, PORT) == 0
begin = time.ticks_ms()
expect_errno(110, client.publish, "t", "", 1)
took = time.ticks_diff(time.ticks_ms(), begin)
assert 59900 <= took < 65000, took
client.disconnect()
print("OK")
