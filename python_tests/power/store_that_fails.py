# The function of set_store() raises an exception and stores nothing. The client holds back the packets that depend
# on it.
import mqtt
from on_target.support import Record, expect

full = False
states = []
failures = []
got = Record()


def store(state):
    if full:
        raise OSError(28)
    states.append(state)


def publish_in_store(state):
    client.publish("out", "inner", 1)


client = mqtt.Client("device", False, command_timeout=20000)
client.set_store(store)
client.subscribe("in", got, 2)
assert client.connect(HOST, 60, PORT, start_loop=LOOP, loop_failure=failures.append) == 0

# The command that needs it gets the exception, and its message is not sent, now or later.
full = True
assert expect(OSError, client.publish, "out", "not sent", 2).errno == 28
assert client.connected()
full = False
client.publish("out", "sent", 2)
assert not any(b"not sent" in state for state in states)

# The function cannot use the connection that waits for it.
client.set_store(publish_in_store)
error = expect(OSError, client.publish, "out", "outer", 1)
assert error.errno == 11, error
client.set_store(store)
client.publish("out", "last", 1)
client.disconnect()
assert not failures
print("OK")
