# Callbacks that publish, that raise, and that are exchanged; overlapping filters; a retained message.
from umqtt.simple import MQTTClient

client = MQTTClient("dropin-callbacks", HOST, PORT)


def answer(topic, msg):
    client.publish(b"dropin/cb/answer", b"yes to " + msg)


def wrong(topic, msg):
    raise ValueError(msg)


client.set_callback(answer)
client.connect()
client.subscribe(b"dropin/cb/question")
client.subscribe(b"dropin/cb/+")
client.publish(b"dropin/cb/question", b"retained", True, 1)
client.set_callback(print)
client.wait_msg()
# That was the answer, and nothing is left: each message made one call, although both filters match.
client.publish(b"dropin/other", b"", qos=1)
print(client.check_msg())
client.subscribe(b"dropin/cb/question")
client.wait_msg()
client.set_callback(wrong)
client.publish(b"dropin/cb/question", b"now")
try:
    client.wait_msg()
except ValueError as error:
    print("the callback raised", error.args[0])
client.set_callback(print)
client.publish(b"dropin/cb/question", b"", True)
client.wait_msg()
client.disconnect()
print("OK")
