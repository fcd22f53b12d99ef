# heap: 8m
# Connects with TLS, and has messages go both ways: at all qualities of service, and a large one.
import mqtt
from on_target.secure import context_of_kind
from on_target.support import Record, payload_of, wait_until

context = context_of_kind(CLICERT, PKEY, HOSTNAME)
if CLICERT and KIND != "builtin":
    context.load_cert_chain(CLICERT_DER, PKEY_DER)

record = Record()
client = mqtt.Client("exchange")
assert client.connect(HOST, 60, PORT, context) == 0
client.subscribe("tls/exchange/#", record, 2)
for qos in range(3):
    client.publish("tls/exchange/%d" % qos, payload_of(qos + 100), qos)
wait_until(lambda: len(record) == 3)
assert sorted(record.messages) == [("tls/exchange/%d" % qos, payload_of(qos + 100)) for qos in range(3)]
record.messages.clear()
large = bytes(range(256)) * (SIZE // 256)
client.publish("tls/exchange/large", large, 1)
wait_until(lambda: len(record) == 1)
assert record.messages[0][1] == large
record.messages.clear()
if AGAIN:
    assert client.reconnect() == 0
    client.publish("tls/exchange/again", "again", 1)
    wait_until(lambda: len(record) == 1)
client.disconnect()
assert not client.connected()
print("OK")
