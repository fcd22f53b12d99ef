# Publishes one message.

import mqtt

HOST = "192.168.1.10"  # your broker
PORT = 1883

client = mqtt.Client("publisher")
code = client.connect(HOST, 60, PORT)
if code != mqtt.RC_ACCEPTED:
    raise OSError("the broker refuses: code %d" % code)
client.publish("example/greeting", "hello", qos=1)
client.disconnect()
