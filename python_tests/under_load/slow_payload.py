# A payload of SIZE bytes takes several times as long to arrive as the keep-alive lasts: it arrives, whole.
# With LOOP False the program's own calls read.
import time

import mqtt

got = []
failures = []
client = mqtt.Client("slow-payload", command_timeout=90000)
assert client.connect(HOST, 2, PORT, loop_failure=failures.append, start_loop=LOOP) == 0
client.subscribe("slow-payload", lambda client, payload, topic: got.append(len(payload)), QOS)
client.publish("begin")
began = time.ticks_ms()
while not got:
    if LOOP:
        time.sleep_ms(20)
    else:
        client.publish("reading", "", 1)
    assert not failures and client.connected(), (failures, client.connected())
took = time.ticks_diff(time.ticks_ms(), began)
print("took", took, "ms")
assert took > 6000, "too fast to prove anything: %d ms" % took
assert got == [SIZE], got
client.publish("after", "", 1)
assert not failures and client.connected()
client.disconnect()
print("OK")
