import mqtt
from on_target.support import expect_errno

client = mqtt.Client("x", command_timeout=5000)
for _ in range(3):
    expect_errno(104, client.connect, HOST, 60, PORT)
    assert client.get_return_code() == -1 and not client.connected()
client.disconnect()
print("OK")
