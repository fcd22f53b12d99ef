import mqtt
from on_target.support import expect_errno, wait_until

calls = []


def function_for(name):
    def function(*args):
        calls.append((name, args))

    return function


def after(payload):
    """The names of the functions that this message calls, in order."""
    calls.clear()
    client.publish(TOPIC + "/a", payload, 1)
    client.publish(TOPIC + "/mark", "", 1)
    wait_until(lambda: calls and calls[-1][0] == "mark")
    return [name for name, _ in calls[:-1]]


client = mqtt.Client("subscriptions")
assert client.connect(HOST, 60, PORT) == 0
assert client.subscribe(TOPIC + "/mark", function_for("mark"), 1) is None
assert after("x") == []
client.subscribe(TOPIC + "/a", function_for("exact"), 1)
assert after("x") == ["exact"]
args = calls[0][1]
assert len(args) == 3 and args[0] is client
assert type(args[1]) is bytes and args[1] == b"x"
assert type(args[2]) is str and args[2] == TOPIC + "/a"
client.subscribe(TOPIC + "/+", lambda *args: None, 1)
client.subscribe(TOPIC + "/a/#", function_for("many"), 0)
assert after("y") == ["exact", "many"]
# The same filter keeps its place.
client.subscribe(TOPIC + "/a", function_for("replaced"), 0)
assert after("z") == ["replaced", "many"]
assert client.unsubscribe(TOPIC + "/a") is None
assert after("z") == ["many"]
client.subscribe(TOPIC + "/a", function_for("again"), 2)
assert after("z") == ["many", "again"]
client.unsubscribe(TOPIC + "/a/#")
client.unsubscribe(TOPIC + "/a")
client.unsubscribe(TOPIC + "/never")
assert after("z") == []
# A function may be any callable.
client.subscribe(TOPIC + "/a", print, 1)
assert after("printed") == []
client.disconnect()
# A filter that is only registered is removed without a broker; an unknown filter needs one.
client.subscribe(TOPIC + "/b", print)
client.unsubscribe(TOPIC + "/b")
expect_errno(107, client.unsubscribe, TOPIC + "/b")
print("OK")
