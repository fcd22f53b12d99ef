# A program that publishes and ends: a button, or a sensor that sleeps in between.
from umqtt.simple import MQTTClient

client = MQTTClient("dropin-publishes", HOST, PORT)
client.connect()
client.publish(b"dropin/button", b"toggle")
client.publish("dropin/button", "pressed", qos=1)
client.publish(b"dropin/state", b"on", True, 1)
client.publish("dropin/state", bytearray(b"off"), retain=1)
client.publish(b"dropin/long", b"x" * 1000)
# The broker forgets it.
client.publish(b"dropin/state", b"", True, 1)
client.disconnect()
print("OK")
