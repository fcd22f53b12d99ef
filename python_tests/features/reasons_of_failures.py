# `client.failure` is why the last connection ended: an exception, `None` after a disconnect().
import errno

import mqtt
from on_target.support import expect, expect_errno, wait_until

reasons = []


def failed(client):
    assert not client.connected()
    reasons.append(client.failure)
    return mqtt.BREAK_LOOP


client = mqtt.Client("failure", command_timeout=20000)
assert client.failure is None
# An attempt that fails is no connection that ends: connect() has raised the reason.
error = expect_errno(104, client.connect, HOST, 30, PORT, loop_failure=failed)
assert error.args[1] == "the broker closed the connection after CONNECT", error
assert client.failure is None


def connect():
    assert client.connect(HOST, 30, PORT, loop_failure=failed) == 0
    reasons.clear()


# The broker closes: the packet that it was given last is named.
for call, name in (
    (lambda: client.publish("close"), "PUBLISH"),
    (lambda: client.publish("close", qos=1), "PUBLISH of QoS 1"),
    (lambda: client.publish("close", qos=2), "PUBLISH of QoS 2"),
    (lambda: client.subscribe("close", print), "SUBSCRIBE"),
):
    connect()
    text = "the broker closed the connection after " + name
    try:
        call()
        assert name == "PUBLISH"
    except OSError as error:
        assert error.errno == errno.ECONNRESET and error.args[1] == text, (name, error)
    wait_until(lambda: reasons)
    for reason in reasons[0], client.failure:
        assert type(reason) is OSError and reason.args == (errno.ECONNRESET, text), reason

# A violation of the protocol.
connect()
client.publish("violation")
wait_until(lambda: reasons)
assert type(reasons[0]) is mqtt.MQTTException and isinstance(reasons[0], OSError)
assert reasons[0].args[0] == 71 and reasons[0].args[1] == "a second CONNACK", reasons[0]
assert client.failure.args == reasons[0].args
client.disconnect()
assert client.failure is None

# A broker without QoS 2 that says so: the call fails at once, the connection stays.
connect()
error = expect(mqtt.MQTTException, client.publish, "downgrade", "x", 2)
assert error.args == (71, "the broker has no QoS 2: it took the message at QoS 1"), error
assert client.connected() and not reasons and client.failure is None
client.publish("still/here", qos=1)
client.disconnect()
assert client.failure is None and not reasons

# reconnect() replaces a connection on purpose.
connect()
assert client.reconnect() == 0 and client.failure is None and not reasons
client.disconnect()
print("OK")
