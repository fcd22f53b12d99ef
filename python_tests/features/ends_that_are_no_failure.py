import mqtt
from on_target.support import Record, stays, wait_until

record = Record()
calls = []
client = mqtt.Client("x", command_timeout=10000)
client.subscribe("a", record)
for number in range(20):
    assert client.connect(HOST, 60, PORT, loop_failure=calls.append) == 0
    client.publish("a", b"%d" % number)
    wait_until(lambda: record)
    record.messages.clear()
    for _ in range(3):
        assert client.reconnect() == 0
        client.publish("a", b"%d again" % number)
        wait_until(lambda: record)
        record.messages.clear()
    client.disconnect()
stays(lambda: not calls, 50)
print("OK")
