# save(), restore(), set_store(): arguments, errors, and a session that another client takes over.
import mqtt
from on_target.support import Record, expect, wait_until

clean = mqtt.Client("clean")
for call in (clean.save, lambda: clean.restore(b""), lambda: clean.set_store(print)):
    assert "clean_session" in str(expect(ValueError, call))

client = mqtt.Client("device", False, command_timeout=20000)
empty = client.save()
assert type(empty) is bytes
expect(TypeError, client.set_store, 5)
expect(TypeError, client.set_store)
expect(TypeError, client.restore)
for wrong in (None, 5, [empty]):
    expect(TypeError, client.restore, wrong)
for wrong in (b"", "text", empty[:-1], empty + b"x", bytes(len(empty)), bytes(1000)):
    assert "damaged" in str(expect(ValueError, client.restore, wrong)), wrong
assert "identifier" in str(expect(ValueError, mqtt.Client("other", False).restore, empty))
# It is as before.
assert client.save() == empty
client.restore(empty)
client.restore(bytearray(empty))

# Every change is stored before the packet that depends on it leaves: here, those of a QoS 2 message.
states = []
got = Record()
client.set_store(states.append)
assert states == []
assert client.connect(HOST, 60, PORT) == 0
expect(ValueError, client.restore, empty)
client.subscribe("in", got, 2)
client.publish("out", "hello", 2)
# With the message, then, after PUBREC, without.
steps = [b"hello" in state for state in states]
assert True in steps and False in steps[steps.index(True) :], states
client.publish("send", "", 1)
wait_until(lambda: got)
client.disconnect()
# The last one is the present one.
assert states[-1] == client.save()
count = len(states)
client.set_store(None)
client.publish("out", "waits", 1, wait=False)
assert len(states) == count

# A client that waits for the broker loses the power.
state = client.save()
assert b"waits" in state
del client
again = mqtt.Client("device", False, command_timeout=20000)
again.restore(state)
assert again.save() == state
expect(ValueError, again.restore, state)
# The broker has the filter: nothing is sent for it.
again.subscribe("in", got, 2)
assert again.connect(HOST, 60, PORT) == 0 and again.session_present
again.publish("send", "", 1)
wait_until(lambda: len(got) == 2)
again.publish("out", "end", 1)
again.disconnect()
print("OK")
