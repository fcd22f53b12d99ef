# Connects, subscribes and receives over a link that passes on a few bytes at a time.
import mqtt
from on_target.support import Record, wait_until

if KIND == "builtin":
    context = mqtt.create_ssl_context(CA)
else:
    import tls

    context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(CA_DER)

record = Record()
client = mqtt.Client("slow", cycle_timeout=50, command_timeout=90000)
assert client.connect(HOST, 60, PORT, context) == 0
client.subscribe("tls/slow", record, 1)
client.publish("tls/slow", b"slow but sure", 1)
wait_until(lambda: len(record) == 1)
assert record.messages == [("tls/slow", b"slow but sure")]
client.disconnect()
print("OK")
