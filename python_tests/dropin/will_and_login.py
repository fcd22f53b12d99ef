# A user name, a password and a will; and wrong ones.
from umqtt.simple import MQTTClient, MQTTException

for user, password in (("ann", "wrong"), ("bob", "secret"), (None, None)):
    client = MQTTClient("dropin-login", HOST, PORT, user, password)
    try:
        client.connect()
    except MQTTException as error:
        print(user, "is refused:", error.args[0])
client = MQTTClient("dropin-login", HOST, port=PORT, user=b"ann", password=b"secret", keepalive=60)
client.set_last_will(b"dropin/will", b"lost", qos=1)
client.connect()
client.publish(b"dropin/login", b"in")
# The same client again: the will stays.
client.disconnect()
client.connect()
client.publish(b"dropin/login", b"in again")
observer = MQTTClient("dropin-observer", HOST, PORT, "ann", "secret")
observer.set_callback(print)
observer.connect()
observer.subscribe(b"dropin/will")
# A client with the same identifier takes the connection over.
other = MQTTClient("dropin-login", HOST, PORT, "ann", "secret")
other.connect()
observer.wait_msg()
other.disconnect()
observer.disconnect()
print("OK")
