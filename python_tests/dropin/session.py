# A session that the broker keeps while the client is away, and a program that subscribes in a new session only.
from umqtt.simple import MQTTClient

sender = MQTTClient("dropin-sender", HOST, PORT)
sender.connect()


def begin():
    client = MQTTClient("dropin-session", HOST, PORT)
    client.set_callback(print)
    if not client.connect(clean_session=False):
        print("a new session")
        client.subscribe(b"dropin/session/#", 1)
    return client


begin().disconnect()
sender.publish(b"dropin/session/1", b"meanwhile", qos=1)
client = begin()
client.wait_msg()
client.disconnect()
sender.publish(b"dropin/session/2", b"and again", qos=1)
# The same object.
print(client.connect(False))
client.wait_msg()
client.disconnect()
# Without the session.
print(client.connect())
sender.publish(b"dropin/session/3", b"for nobody", qos=1)
print(client.check_msg())
client.subscribe(b"dropin/session/#", 1)
client.disconnect()
# The subscription has ended with the connection.
print(client.connect())
sender.publish(b"dropin/session/4", b"for nobody", qos=1)
client.publish(b"dropin/other", b"x", qos=1)
print(client.check_msg())
client.disconnect()
sender.disconnect()
print("OK")
