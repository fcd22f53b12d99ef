import mqtt
from on_target.support import Record, stays, wait_until

ID = "a session"
record = Record()
if STEP == 1:
    client = mqtt.Client(ID, clean_session=False)
    assert client.connect(HOST, 60, PORT) == 0
    client.subscribe("session/#", record, 2)
    client.disconnect()
elif STEP == 2:
    client = mqtt.Client(ID, clean_session=False)
    client.subscribe("session/#", record, 2)
    assert not client.connected()
    assert client.connect(HOST, 60, PORT) == 0
    wait_until(lambda: len(record) >= len(KEPT))
    stays(lambda: len(record) == len(KEPT), 50)
    assert record.messages == [(topic, payload) for topic, payload, _ in KEPT]
    client.disconnect()
else:
    # A clean session forgets all that.
    client = mqtt.Client(ID)
    client.subscribe("session/mark", record)
    assert client.connect(HOST, 60, PORT) == 0
    client.publish("session/mark")
    wait_until(lambda: record)
    assert record.messages == [("session/mark", b"")]
    client.disconnect()
print("OK")
