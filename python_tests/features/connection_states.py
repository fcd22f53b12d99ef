import mqtt
from on_target.support import expect_errno

client = mqtt.Client("states", command_timeout=10000)
assert client.get_return_code() is None
assert client.connected() is False
expect_errno(107, client.publish, "t")
expect_errno(107, client.publish, "t", "", 2)
expect_errno(107, client.unsubscribe, "t")
expect_errno(107, client.reconnect)
expect_errno(107, client.loop)
assert client.disconnect() is None
assert client.subscribe("states/t", print) is None  # only registered
assert client.unsubscribe("states/t") is None
expect_errno(111, client.connect, HOST, 60, CLOSED_PORT)
assert client.get_return_code() == -1 and client.connected() is False
expect_errno(111, client.reconnect)
expect_errno(107, client.publish, "t")
client.disconnect()
for connect in (lambda: client.connect(HOST, 60, PORT), lambda: client.reconnect()):
    code = connect()
    assert code == mqtt.RC_ACCEPTED and type(code) is int
    assert client.connected() is True
    assert client.get_return_code() == 0
    expect_errno(106, client.connect, HOST, 60, PORT)
    assert client.connected() is True and client.get_return_code() == 0
    client.publish("states/t", "", 1)
    assert client.reconnect() == 0
    assert client.connected() is True
    client.publish("states/t", "", 2)
    assert client.loop() is None
    assert client.disconnect() is None
    assert client.connected() is False
    assert client.get_return_code() == 0
    expect_errno(107, client.publish, "t")
    client.disconnect()
    client.disconnect(0)
expect_errno(111, client.connect, HOST, 60, CLOSED_PORT)
assert client.get_return_code() == -1
print("OK")
