# While a connection is being made, and the broker gives no answer in PHASE, the calls say at once that there is none.
# The loop's function makes it, or with TLS a thread.
import _thread
import errno
import time

import mqtt
from on_target.control import tell
from on_target.support import wait_until

attempts = []


def attempt(call, *args):
    try:
        call(*args)
    except OSError:
        pass  # disconnect() ends it
    attempts.append(None)


def failed(client):
    attempt(client.reconnect)
    return mqtt.RECOVERED


client = mqtt.Client("while-connecting", command_timeout=20000)
client.subscribe("old", print)
if PHASE == "tls":
    # Not by the name of the method: the broker of this phase speaks no TLS of anybody's.
    context = mqtt.create_ssl_context(CA)
    _thread.stack_size(256 * 1024)
    _thread.start_new_thread(attempt, (getattr(client, "connect"), HOST, 30, PORT, context))
else:
    assert client.connect(HOST, 30, PORT, loop_failure=failed) == 0
    client.publish("go")
tell("connecting")
calls = (
    ("connected", lambda: client.connected()),
    ("publish at QoS 0", lambda: client.publish("t", "x")),
    ("publish at QoS 1", lambda: client.publish("t", "x", 1)),
    ("publish at QoS 2", lambda: client.publish("t", "x", 2)),
    ("unsubscribe", lambda: client.unsubscribe("old")),
    ("subscribe", lambda: client.subscribe("new", print)),
)
for name, call in calls:
    began = time.ticks_ms()
    try:
        result = call()
    except OSError as error:
        result = error.errno
    took = time.ticks_diff(time.ticks_ms(), began)
    print(name, result, took, "ms")
    assert took < 1000, (name, took)
    # subscribe() that need not send, for it is registered: both are right.
    expected = {"connected": (False,), "subscribe": (None, errno.ENOTCONN), "unsubscribe": (None, errno.ENOTCONN)}
    assert result in expected.get(name, (errno.ENOTCONN,)), (name, result)
began = time.ticks_ms()
client.disconnect()
took = time.ticks_diff(time.ticks_ms(), began)
assert took < 2000, took
wait_until(lambda: attempts)
print("OK")
