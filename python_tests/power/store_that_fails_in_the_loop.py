# A QoS 2 message comes, and the function of set_store() raises an exception: the PUBREC does not leave, and the
# connection ends. The broker sends the message again on the next one, and the application does not get it twice.
import mqtt
from on_target.support import Record, wait_until

full = False
stored = 0
failures = []
got = Record()


def store(state):
    global stored
    if full:
        raise OSError(28)
    stored += 1


def function(client, payload, topic):
    global full
    got(client, payload, topic)
    full = True


def failure(client):
    failures.append(client.failure)
    return mqtt.BREAK_LOOP


client = mqtt.Client("device", False, command_timeout=20000)
client.set_store(store)
client.subscribe("in", function, 2)
assert client.connect(HOST, 60, PORT, loop_failure=failure) == 0
client.publish("send")
wait_until(lambda: failures)
assert failures[0].errno == 28 and not client.connected()
assert len(got) == 1
full = False
before = stored
assert client.reconnect() == 0
client.loop()
wait_until(lambda: stored > before + 1)
client.publish("end", "", 1)
client.disconnect()
assert len(got) == 1, got.messages
print("OK")
