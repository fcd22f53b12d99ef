# An exception for the main program, raised in the background, comes out of the next method call.
import time

import mqtt
from on_target.support import wait_until

called = []


def leave(client, payload, topic):
    called.append(payload)
    raise SystemExit(3)


client = mqtt.Client("leaves")
client.connect(HOST, 30, PORT)
client.subscribe("leave", leave)
client.publish("leave", "now")
wait_until(lambda: called)
time.sleep_ms(200)
try:
    client.connected()
except SystemExit as exception:
    assert exception.args == (3,), exception
else:
    raise AssertionError("nothing was raised")
# Once.
assert client.connected()
client.disconnect()
print("OK")
