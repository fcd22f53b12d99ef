# Publishes three messages at QOS, on a connection that the broker cuts once in the first
# handshake. BY_LOOP: loop_failure reconnects; otherwise the program does.
import mqtt
from on_target.support import wait_until

errors = []
failures = []
connections = []


def reconnecting(client):
    failures.append(client.connected())
    client.reconnect()
    return mqtt.RECOVERED


c = mqtt.Client("cut", clean_session=False, command_timeout=10000)
c.connect(
    HOST,
    0,
    PORT,
    aconnect_cb=connections.append,
    loop_failure=reconnecting if BY_LOOP else failures.append,
)
try:
    c.publish("t", b"first", QOS)
except OSError as error:
    errors.append(error)
if BY_LOOP:
    wait_until(lambda: len(connections) == 2)
else:
    wait_until(lambda: not c.connected() and failures)
    assert c.reconnect() == 0
    c.loop()
c.publish("t", b"second", QOS)
c.publish("t", b"third", QOS)
assert len(failures) == 1, failures
assert not BY_LOOP or failures == [False]
c.disconnect()
print(len(errors))
print("OK")
