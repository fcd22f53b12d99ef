import mqtt
from on_target.support import expect_errno, wait_until

depth = 0
events = []


def enter(name):
    global depth
    depth += 1
    events.append((name, depth))


def leave():
    global depth
    depth -= 1


def on_start(client, payload, topic):
    enter("start")
    try:
        assert client.connected() is True
        assert client.get_return_code() == 0
        client.set_username_pw("ann", "secret")
        client.set_username_pw(None)
        client.set_will("in_callback/will", "")
        client.set_will(None, "")
        for qos in range(3):
            client.publish("in_callback/echo", b"%d" % qos, qos)
        client.subscribe("in_callback/new", on_new, 2)
        client.publish("in_callback/new", "for the new one", 2)
        client.unsubscribe("in_callback/old")
        client.publish("in_callback/old", "for nobody", 1)
        expect_errno(106, client.connect, HOST, 60, PORT)
        client.loop()
        client.publish("in_callback/end", "", 1)
    except Exception as error:
        events.append(error)
        raise
    finally:
        leave()


def on_echo(client, payload, topic):
    enter("echo " + payload.decode())
    leave()


def on_new(client, payload, topic):
    enter("new")
    leave()


def on_old(client, payload, topic):
    enter("old")
    leave()


def on_end(client, payload, topic):
    enter("end")
    leave()


client = mqtt.Client("in_callback", command_timeout=10000)
assert client.connect(HOST, 60, PORT, start_loop=False) == 0
client.subscribe("in_callback/start", on_start, 2)
client.subscribe("in_callback/echo", on_echo, 2)
client.subscribe("in_callback/old", on_old, 2)
client.subscribe("in_callback/end", on_end, 2)
if START_LOOP:
    client.loop()
client.publish("in_callback/start", "", 1)
# The callback itself starts a loop, later, if there was none.
wait_until(lambda: ("end", 1) in events or any(isinstance(event, Exception) for event in events))
expected = ["start", "echo 0", "echo 1", "echo 2", "new", "end"]
assert events == [(name, 1) for name in expected], events
client.disconnect()
print("OK")
