import mqtt
from on_target.support import Record, expect, expect_errno, wait_until

try:
    from _thread import get_ident
except ImportError:

    def get_ident():
        return 1


events = []
raising = []


def before(client):
    events.append(("before", client is the_client, client.connected(), get_ident() == MAIN))
    if "before" in raising:
        raise RuntimeError("before")


def after(client):
    events.append(("after", client is the_client, client.connected(), get_ident() == MAIN))
    if "after" in raising:
        raise RuntimeError("after")
    client.publish("from/after", "", 2)


def events_of(call):
    events.clear()
    assert call() == 0
    return events


def raised_by(call):
    events.clear()
    return str(expect(RuntimeError, call))


MAIN = get_ident()
AFTER = ("after", True, True, True)
the_client = mqtt.Client("callbacks", command_timeout=10000)
record = Record()
the_client.subscribe("a", record)


def connect():
    return the_client.connect(HOST, 60, PORT, None, before, after, failure)


def failure(client):
    events.append("failure")


assert events_of(connect) == [AFTER]
assert events_of(the_client.reconnect) == [("before", True, True, True), AFTER]
the_client.disconnect()
assert events_of(the_client.reconnect) == [("before", True, False, True), AFTER]
the_client.loop()

# breconnect_cb raises: nothing else happens.
raising.append("before")
assert raised_by(the_client.reconnect) == "before"
assert events == [("before", True, True, True)]
assert the_client.connected()
the_client.publish("a", "still there", 1)
wait_until(lambda: record)
raising.clear()

# aconnect_cb raises: the connection is closed.
raising.append("after")
assert raised_by(the_client.reconnect) == "after"
wait_until(lambda: not the_client.connected())
expect_errno(107, the_client.publish, "a")
the_client.disconnect()
assert raised_by(connect) == "after"
assert events == [AFTER]
assert not the_client.connected()
assert the_client.get_return_code() == 0
raising.clear()
assert events_of(connect) == [AFTER]
the_client.publish("a", "again", 1)
wait_until(lambda: len(record) == 2)

# Those of the last connect() count.
the_client.disconnect()
assert the_client.connect(HOST, 60, PORT) == 0
events.clear()
assert the_client.reconnect() == 0
the_client.disconnect()
assert events == []
print("OK")
