# Every callback gets the very object that the program has made.
import mqtt
from on_target.support import wait_until


class Sensor(mqtt.Client):
    def __init__(self, name):
        super().__init__(name, cycle_timeout=20, command_timeout=10000)
        self.calls = []

    def note(self, name):
        self.calls.append(name)


for kind in ("subclass", "Client"):
    if kind == "subclass":
        client = Sensor("sensor")
    else:
        client = mqtt.Client("plain", cycle_timeout=20, command_timeout=10000)
        client.calls = []
    wrong = []

    def note(name, result=None):
        def function(got, *args):
            if got is not client:
                wrong.append((name, got))
            got.calls.append(name)
            return result

        return function

    assert (
        client.connect(
            HOST,
            60,
            PORT,
            breconnect_cb=note("breconnect"),
            aconnect_cb=note("aconnect"),
            loop_failure=lambda got: (note("failure")(got), got.reconnect()) and mqtt.RECOVERED,
        )
        == 0
    )
    client.subscribe("a", note("message"))
    client.publish("a")
    wait_until(lambda: "message" in client.calls)
    assert client.reconnect() == 0
    # The broker closes this connection.
    client.publish("close")
    wait_until(lambda: client.calls[-1:] == ["aconnect"] and "failure" in client.calls and client.connected())
    client.publish("a")
    wait_until(lambda: client.calls[-1] == "message")
    client.disconnect()
    # Without a loop, too: functions are called in the middle of a publish.
    assert client.connect(HOST, 60, PORT, aconnect_cb=note("again"), start_loop=False) == 0
    client.publish("a", "x", 1)
    client.publish("a", "y", 1)
    client.disconnect()
    calls = " ".join(client.calls)
    assert calls.startswith("aconnect message breconnect aconnect failure breconnect aconnect message again message"), calls
    assert not wrong, wrong
print("OK")
