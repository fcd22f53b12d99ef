# The same object goes offline, and misses nothing.
import mqtt
from on_target.support import Record, wait_until

record = Record()
client = mqtt.Client("resume", clean_session=False)
assert client.connect(HOST, 60, PORT) == 0
client.subscribe(TOPIC + "/+", record, 2)
client.unsubscribe(TOPIC + "/other")
client.disconnect()
other = mqtt.Client("resume_other")
echo = Record()
assert other.connect(HOST, 60, PORT) == 0
other.subscribe(TOPIC + "/#", echo, 2)
other.publish(READY, qos=1)
wait_until(lambda: len(echo) == 11)  # READY included
assert not record
assert client.connect(HOST, 60, PORT) == 0
wait_until(lambda: len(record) >= 10)
wanted = [(TOPIC + "/%d" % n, b"%d" % n) for n in range(10)]
# READY matches, too.
assert [message for message in record.messages if message[0] != READY] == wanted, record.messages
client.disconnect()
forget = mqtt.Client("resume")
assert forget.connect(HOST, 60, PORT) == 0
forget.disconnect()
other.disconnect()
print("OK")
