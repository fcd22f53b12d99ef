# Publishes COUNT messages of QoS 2, none of which it waits for, over connections that the broker cuts.
import mqtt
from on_target.support import need_version_5, wait_until

need_version_5()
c = mqtt.Client("v5", clean_session=False, cycle_timeout=20, command_timeout=20000)
c.set_version(5)
assert c.connect(HOST, 0, PORT, loop_failure=mqtt.auto_reconnect(20, 100)) == 0
deliveries = [c.publish("t", "%d" % number, 2, wait=False) for number in range(COUNT)]
wait_until(lambda: all(delivery.done() for delivery in deliveries))
for delivery in deliveries:
    delivery.wait()
c.disconnect()
print("OK")
