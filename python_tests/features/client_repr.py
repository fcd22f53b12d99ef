# The class of a client, its identifier and its state.
import mqtt
from on_target.support import expect


class Lamp(mqtt.Client):
    pass


class Own(Lamp):
    def __repr__(self):
        return "own " + super().__repr__()

    def __str__(self):
        return "text"


seen = []
for kind in (mqtt.Client, Lamp, Own):
    name = kind.__name__
    client = kind("it's \u00e9", command_timeout=10000)

    def says(state):
        expected = "<%s %r %s>" % (name, "it's \u00e9", state)
        if kind is Own:
            assert repr(client) == "own " + expected and str(client) == "text", repr(client)
        else:
            assert repr(client) == str(client) == "%s" % client == expected, repr(client)
        seen.append(state)

    says("not connected")
    assert client.connect(HOST, 60, PORT, aconnect_cb=lambda client: says("connected")) == 0
    says("connected")
    client.disconnect()
    says("not connected")

assert seen == ["not connected", "connected", "connected", "not connected"] * 3
assert repr(mqtt.Client(b"bytes")) == "<Client 'bytes' not connected>"
assert repr(mqtt.Client("")) == "<Client '' not connected>"
expect(TypeError, client.__repr__, 1)
print("OK")
