# A connection that ends, and comes back. With RECOVER loop_failure sees to that. The call
# that waits for the broker is told why.
import mqtt
from on_target.secure import context_of_kind
from on_target.support import Record, wait_until

context = context_of_kind()

record = Record()
failures = []


def failure(client):
    failures.append(client.connected())
    if not RECOVER:
        return mqtt.BREAK_LOOP
    client.reconnect()
    return mqtt.RECOVERED


client = mqtt.Client("lost", command_timeout=20000)
assert client.connect(HOST, 0, PORT, context, loop_failure=failure) == 0
client.subscribe("tls/lost", record)
try:
    client.publish("tls/lost", b"begin", qos=1)
except OSError as error:
    print("lost:", error)
wait_until(lambda: failures)
assert failures == [False]
if RECOVER:
    wait_until(client.connected)
else:
    assert client.reconnect() == 0
    client.loop()
client.publish("tls/lost", b"back")
wait_until(lambda: ("tls/lost", b"back") in record.messages)
client.disconnect()
assert not [message for message in record.messages if message[1] not in (b"begin", b"back")], record.messages
print("OK")
