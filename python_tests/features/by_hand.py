# A client without a loop: the program takes message by message.
import mqtt
from on_target.support import expect, expect_errno

got = []


def note(client, payload, topic):
    message = client.message
    got.append((topic, payload, message.qos, message.retain))


def other(client, payload, topic):
    # Inside a function nothing is awaited: messages come one at a time.
    got.append(("other", payload, client.wait_msg(), client.wait_msg(1000)))


client = mqtt.Client("by_hand", command_timeout=10000)
expect_errno(107, client.wait_msg)
expect_errno(107, client.ping)
client.set_callback(note)
client.connect(HOST, 60, PORT, start_loop=False)
assert client.wait_msg(0) is None and client.wait_msg(10) is None
client.publish("by_hand/1", "old", 1, True)
client.subscribe("by_hand/#", None, 2)
client.subscribe("by_hand/+", None, 2)
client.subscribe("by_hand/other", other)
# Each filter brings the retained message.
while len(got) < 2:
    assert client.wait_msg() & 0xF9 == 0x31, got
assert set(got) == {("by_hand/1", b"old", 1, True)}, got
client.publish("by_hand/1", "", 1, True)
while got[-1] != ("by_hand/1", b"", 1, False):
    assert client.wait_msg() == 0x32, got
got.clear()
# One call delivers one message, however many came together, at every QoS.
for number in range(9):
    client.publish("by_hand/%d" % number, str(number))
for number in range(9):
    assert client.wait_msg() == 0x30
    assert len(got) == number + 1 and got[-1] == ("by_hand/%d" % number, b"%d" % number, 0, False), got
assert client.wait_msg(0) is None
got.clear()
client.publish("by_hand/2", "twice is too often", 2)
while not got:
    assert client.wait_msg() == 0x34
assert got == [("by_hand/2", b"twice is too often", 2, False)]
got.clear()
# A function of its own comes before that for all others.
client.publish("by_hand/other", "mine")
assert client.wait_msg() == 0x30
assert got == [("other", b"mine", None, None)], got
got.clear()
# The answer to a ping, once.
client.ping()
assert client.wait_msg(10000) == 0xD0
assert client.wait_msg(10) is None
# Without that function a message has none, and the call goes on.
client.set_callback(None)
client.publish("by_hand/3", "for nobody")
client.publish("by_hand/other", "mine")
while not got:
    assert client.wait_msg(10000) == 0x30
assert got[0][1] == b"mine"
expect(TypeError, client.set_callback, 1)
expect(TypeError, client.wait_msg, "1")
expect(ValueError, client.wait_msg, -1)
expect(TypeError, client.subscribe, "by_hand/4")
expect(TypeError, client.subscribe, "by_hand/4", 4)
# There is no function for these messages.
expect(TypeError, client.subscribe, "by_hand/4", None)
# Ends are exceptions, of a client with the answer to a ping and of one without.
client.disconnect()
expect_errno(107, client.wait_msg)
# With a loop it tells of a message that the loop has delivered.
client = mqtt.Client("by_hand", command_timeout=10000)
client.connect(HOST, 60, PORT)
client.subscribe("by_hand/loop", note)
client.publish("by_hand/loop", "x", 1)
assert client.wait_msg(100) in (None, 0x30)
client.disconnect()
print("OK")
