# The same calls by position and by keyword, then with the required arguments only.
import mqtt


def function(*args):
    pass


client = mqtt.Client("the-id", False, 50, 5000)
client.set_username_pw("ann", "secret")
client.set_will("will/topic", "will payload", 1, False)
assert client.connect(HOST, 7, PORT, None, function, function, function, False) == 0
client.publish("p/t", "a payload", 1, True)
client.subscribe("s/t", function, 2)
client.unsubscribe("s/t")
client.disconnect(3000)

client = mqtt.Client(command_timeout=5000, cycle_timeout=50, clean_session=False, client_id="the-id")
client.set_username_pw(password="secret", username="ann")
client.set_will(retain=False, qos=1, payload="will payload", topic="will/topic")
code = client.connect(
    start_loop=False, loop_failure=function, aconnect_cb=function, breconnect_cb=function,
    ssl_ctx=None, port=PORT, keepalive=7, host=HOST,
)  # fmt: skip
assert code == 0
client.publish(retain=True, qos=1, payload="a payload", topic="p/t")
client.subscribe(qos=2, function=function, topic="s/t")
client.unsubscribe(topic="s/t")
client.disconnect(timeout=3000)

client = mqtt.Client("the-id")
client.set_username_pw("ann")
client.set_will("will/topic", "will payload")
assert client.connect(HOST, 7, port=PORT) == 0
client.publish("p/t")
client.subscribe("s/t", function)
client.unsubscribe("s/t")
client.disconnect()
print("OK")
