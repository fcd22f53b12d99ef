import mqtt
from on_target.support import Record, expect_errno, stays, wait_until

record = Record()
client = mqtt.Client("the_loop", command_timeout=10000)
assert client.connect(HOST, 60, PORT, start_loop=False) == 0
client.subscribe("a/#", record)
client.publish("a/1", "one")
# Nobody reads, while nobody waits.
stays(lambda: not record, 200)
# A caller that waits for an answer reads, too.
client.publish("a/2", "two", 1)
wait_until(lambda: record)
assert record.messages[0] == ("a/1", b"one")
client.publish("b", qos=1)
assert record.messages == [("a/1", b"one"), ("a/2", b"two")]
record.messages.clear()
client.publish("a/3", "three")
stays(lambda: not record, 100)
assert client.loop() is None
wait_until(lambda: record)
# It runs: that is all.
assert client.loop() is None
client.publish("a/4", "four")
wait_until(lambda: len(record) == 2)
assert client.reconnect() == 0
client.publish("a/5", "five")
wait_until(lambda: len(record) == 3)
client.disconnect()
expect_errno(107, client.loop)
record.messages.clear()
# reconnect() makes no loop where there was none.
assert client.reconnect() == 0
client.publish("a/6", "six")
stays(lambda: not record, 100)
client.loop()
wait_until(lambda: record)
client.disconnect()
# connect() makes one, unless it is told not to.
assert client.connect(HOST, 60, PORT) == 0
client.publish("a/7", "seven")
wait_until(lambda: len(record) == 2)
client.disconnect()
assert client.connect(HOST, 60, PORT, start_loop=False) == 0
client.publish("a/8", "eight")
stays(lambda: len(record) == 2, 100)
client.disconnect()
assert [payload for _, payload in record.messages] == [b"six", b"seven"]
print("OK")
