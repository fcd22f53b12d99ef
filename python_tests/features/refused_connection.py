import mqtt
from on_target.support import expect_errno


def no_callback(client):
    print("called")
    raise SystemExit(1)


client = mqtt.Client("refused")
assert client.connect(HOST, 60, PORT, aconnect_cb=no_callback, loop_failure=no_callback) == CODE
assert client.get_return_code() == CODE
assert client.connected() is False
expect_errno(107, client.publish, "t")
expect_errno(107, client.loop)
assert client.reconnect() == CODE
assert client.connect(HOST, 60, PORT, None, None, no_callback, no_callback, False) == CODE
assert client.get_return_code() == CODE
client.disconnect()
print("OK")
