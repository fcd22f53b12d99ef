import mqtt
from on_target.support import Record, wait_until

record = Record()
calls = []


def failure(client):
    calls.append(1)
    try:
        client.reconnect()
    except OSError:
        pass
    # If it failed, the loop waits for cycle_timeout, and asks again.
    return mqtt.RECOVERED


client = mqtt.Client("restart", cycle_timeout=20, command_timeout=10000)
assert client.connect(HOST, 60, PORT, loop_failure=failure) == 0
client.subscribe("restart/a", record, 1)
client.publish("restart/a", "before", 1)
wait_until(lambda: record)
client.publish("restart/ready")
wait_until(lambda: calls)
wait_until(client.connected)
client.publish("restart/a", "after", 1)
wait_until(lambda: len(record) == 2)
assert record.messages == [("restart/a", b"before"), ("restart/a", b"after")]
client.disconnect()
print("OK")
