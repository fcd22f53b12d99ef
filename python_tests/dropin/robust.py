# Programs of umqtt.robust: the connection comes back inside of calls, with the session.
from on_target.control import tell
from on_target.support import expect
from umqtt.robust import MQTTClient
from umqtt.simple import MQTTException

client = MQTTClient("dropin-robust", HOST, PORT)
client.DELAY = 0
client.set_callback(print)
if not client.connect(clean_session=False):
    client.subscribe(b"dropin/robust", 1)
client.publish(b"dropin/robust", b"first", qos=1)
client.publish(b"dropin/robust", b"second")
client.wait_msg()
for command in ("restart", "kill"):
    tell(command)
    if command == "kill":
        tell("start")
    tell("publish")
    # The connection is lost. The message waits in the session.
    client.wait_msg()
client.disconnect()


class Device(MQTTClient):
    """Overrides all that programs override."""

    DELAY = 0
    DEBUG = True
    events = []

    def log(self, in_reconnect, e):
        assert isinstance(e, OSError)
        self.events.append(in_reconnect)

    def delay(self, i):
        self.events.append(i)
        if i == 2:
            tell("start")
        super().delay(i)


device = Device("dropin-device", HOST, PORT)
print(device.connect(False))
tell("kill")
while not device.events:
    # How many calls the network takes before it says that the connection is lost is the network's matter.
    device.publish(b"dropin/device", b"through a loss")
print(device.events)
device.disconnect()
# A refusal is no loss: it goes to the program.
refused = MQTTClient("dropin-refused", HOST, LOCKED, "nobody", "wrong")
print(expect(MQTTException, refused.reconnect).args[0])
print("OK")
