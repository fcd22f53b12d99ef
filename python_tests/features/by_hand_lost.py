# A program that waits for a message while the broker closes the connection.
import mqtt
from on_target.support import expect_errno

client = mqtt.Client("by_hand", command_timeout=10000)
client.connect(HOST, 60, PORT, start_loop=False)
client.publish("close")
expect_errno(104, client.wait_msg)
assert client.failure.errno
expect_errno(107, client.wait_msg)
expect_errno(107, client.ping)
print("OK")
