import mqtt
from on_target.support import expect_errno, wait_until

calls = []


def on_message(client, payload, topic):
    calls.append(client.disconnect())
    calls.append(client.connected())
    expect_errno(107, client.publish, "a")
    if payload == b"again":
        calls.append(client.connect(HOST, 60, PORT))


client = mqtt.Client("x", command_timeout=10000)
client.subscribe("a", on_message)
for _ in range(5):
    calls.clear()
    assert client.connect(HOST, 60, PORT, loop_failure=calls.append) == 0
    client.publish("a")
    wait_until(lambda: len(calls) == 2)
    client.disconnect()
    assert calls == [None, False]
    assert not client.connected()
calls.clear()
assert client.connect(HOST, 60, PORT, loop_failure=calls.append) == 0
client.publish("a", "again")
wait_until(lambda: len(calls) == 3)
assert calls == [None, False, 0]
assert client.connected()
calls.clear()
client.publish("a", "the loop goes on")
wait_until(lambda: len(calls) == 2)
client.disconnect()
print("OK")
