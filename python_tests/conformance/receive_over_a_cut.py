# Receives messages until "end" comes, over connections that the broker cuts.
# BY_LOOP: loop_failure reconnects; otherwise the program does.
import mqtt
from on_target.support import wait_until

got = []
failures = []
ended = []


def reconnecting(client):
    failures.append(client.connected())
    client.reconnect()
    return mqtt.RECOVERED


c = mqtt.Client("cut", clean_session=False, cycle_timeout=20, command_timeout=10000)
c.subscribe("t/#", lambda client, payload, topic: got.append(payload), 2)
c.subscribe("end", lambda client, payload, topic: ended.append(1))
for attempt in range(20):
    try:
        c.connect(HOST, 0, PORT, loop_failure=reconnecting if BY_LOOP else failures.append)
        break
    except OSError:
        # The cut came before connect() was over.
        wait_until(lambda: not c.connected())
wait_until(lambda: ended or not (BY_LOOP or c.connected()))
while not ended:
    wait_until(lambda: failures)
    c.reconnect()
    c.loop()
    wait_until(lambda: ended or not c.connected())
c.disconnect()
assert not any(failures) or not BY_LOOP
print(" ".join(payload.decode() for payload in got))
print("OK")
