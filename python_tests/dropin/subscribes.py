# A program that waits for messages with wait_msg(), one at a time.
from umqtt.simple import MQTTClient

client = MQTTClient("dropin-subscribes", HOST, PORT, keepalive=30)


def on_message(topic, msg):
    print((topic, msg))


client.set_callback(on_message)
print(client.connect(), client.subscribe(b"dropin/led/#"), client.subscribe("dropin/exact", 1))
for number in range(3):
    client.publish(b"dropin/led/%d" % number, b"value %d" % number)
client.publish("dropin/exact", "with an answer", qos=1)
for number in range(3):
    # Each call delivers one of those that publish() has not.
    client.publish(b"dropin/led/again", b"%d" % number)
    client.wait_msg()
client.ping()
# The answer to the ping.
print(client.wait_msg())
print("quiet:", client.check_msg())
client.disconnect()
print("OK")
