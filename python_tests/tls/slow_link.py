# Connects, subscribes and receives over a link that passes on a few bytes at a time.
import mqtt
from on_target.secure import context_of_kind
from on_target.support import Record, wait_until

context = context_of_kind()

record = Record()
client = mqtt.Client("slow", cycle_timeout=50, command_timeout=90000)
assert client.connect(HOST, 60, PORT, context) == 0
client.subscribe("tls/slow", record, 1)
client.publish("tls/slow", b"slow but sure", 1)
wait_until(lambda: len(record) == 1)
assert record.messages == [("tls/slow", b"slow but sure")]
client.disconnect()
print("OK")
