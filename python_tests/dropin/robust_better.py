# At QoS 1 and 2 a message goes through any number of losses once it is the client's; check_msg() connects again.
from on_target.control import tell
from on_target.support import wait_until
from umqtt.robust import MQTTClient

got = []
client = MQTTClient("dropin-insists", HOST, PORT)
client.DELAY = 0
client.set_callback(lambda topic, msg: got.append(msg))
assert client.connect(False) == 0
client.subscribe(b"dropin/insists", 2)
for number in range(10):
    if number % 2:
        tell("restart")
    client.publish(b"dropin/insists", b"%d" % number, qos=1 + number // 2 % 2)


def came(payload):
    client.check_msg()
    return payload in got


for number in range(10):
    # Those of QoS 1 may come again, and none is missing.
    wait_until(lambda: came(b"%d" % number))
tell("kill")
# Of a broker that forgets, the client gets its subscriptions anew.
tell("forget")
client.check_msg()


def came_anew():
    # A message that the loss interrupts leaves before the subscription is renewed.
    client.publish(b"dropin/insists", b"anew", qos=1)
    return came(b"anew")


wait_until(came_anew)
client.disconnect()
print("OK")
