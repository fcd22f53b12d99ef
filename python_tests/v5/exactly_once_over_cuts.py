# Publishes COUNT messages of QoS 2, none of which it waits for, over connections that the broker cuts.
import mqtt
from on_target.support import wait_until
from on_target.version_5 import new_client

c = new_client(clean_session=False)
assert c.connect(HOST, 0, PORT, loop_failure=mqtt.auto_reconnect(20, 100)) == 0
deliveries = [c.publish("t", "%d" % number, 2, wait=False) for number in range(COUNT)]
wait_until(lambda: all(delivery.done() for delivery in deliveries))
for delivery in deliveries:
    delivery.wait()
c.disconnect()
print("OK")
