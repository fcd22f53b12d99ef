# A program that polls the client's socket beside others.
import select

from umqtt.simple import MQTTClient


def on_message(topic, msg):
    print(topic, msg)


client = MQTTClient("dropin-polls", HOST, PORT)
print(client.sock)
client.set_callback(on_message)
client.connect()
client.subscribe("dropin/polled")
poller = select.poll()
poller.register(client.sock, select.POLLIN)
print(poller.poll(10))
for number in range(3):
    client.publish("dropin/polled", str(number))
for number in range(3):
    # As long as messages wait, it says so: also of those that came together.
    (found,) = poller.poll(20000 * SLOWNESS)
    print(found[0] is client.sock, found[1])
    client.check_msg()
print(poller.poll(10))
client.publish("dropin/polled", "blocking")
poller.poll(20000 * SLOWNESS)
client.wait_msg()
client.sock.setblocking(False)
print(client.wait_msg())
client.disconnect()
print("OK")
