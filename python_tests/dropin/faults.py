# Faults as programs see them: each is an exception, at once or soon, and the client connects again after it.
from on_target.control import tell
from on_target.support import expect
from umqtt.simple import MQTTClient


def fails(kind, call, *args, **named):
    print(call.__name__, "raises", kind.__name__)
    return expect(kind, call, *args, **named)


def raises_os_error(call, *args):
    # How many calls the network takes before it says so is the network's matter.
    for _ in range(100):
        try:
            call(*args)
        except OSError:
            print("OSError")
            return
    raise AssertionError("no error")


client = MQTTClient("dropin-faults", HOST, NOBODY)
fails(OSError, client.connect)
client = MQTTClient("dropin-faults", HOST, PORT)
fails(AssertionError, client.subscribe, "dropin/a")
fails(AssertionError, client.set_last_will, "dropin/will", "x", qos=3)
fails(AssertionError, client.set_last_will, "", "x")
client.set_callback(print)
client.connect()
client.subscribe("dropin/faults")
tell("kill")
raises_os_error(client.wait_msg)
raises_os_error(client.publish, "dropin/faults", "lost")
raises_os_error(client.check_msg)
fails(OSError, client.connect)
tell("start")
print(client.connect())
client.subscribe("dropin/faults")
client.publish("dropin/faults", "back")
client.wait_msg()
client.disconnect()
print("OK")
