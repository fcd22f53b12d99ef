# Classes that derive from Client, of every kind.
import mqtt
from on_target.support import expect, wait_until


class Lamp(mqtt.Client):
    """One level, with super()."""

    count = 0

    def __init__(self, name):
        self.name = name
        super().__init__(name, command_timeout=10000)
        self.on = None
        self.sent = []

    def publish(self, topic, payload="", qos=0, retain=False):
        self.sent.append(topic)
        return super().publish(topic, payload, qos, retain)

    def set(self, client, payload, topic):
        self.on = payload == b"1"


class Named(mqtt.Client):
    """Through the class, in Zerynth's way."""

    def __init__(self, name):
        mqtt.Client.__init__(self, name, command_timeout=10000)
        self.name = name
        self.on = None
        self.sent = []

    def connect(self, host, port):
        return mqtt.Client.connect(self, host, 60, port)

    def publish(self, topic, payload="", qos=0, retain=False):
        self.sent.append(topic)
        return mqtt.Client.publish(self, topic, payload=payload, qos=qos, retain=retain)

    def set(self, client, payload, topic):
        self.on = payload == b"1"


class DimmedLamp(Lamp):
    """Two levels."""

    def __init__(self, name):
        super().__init__(name)
        self.level = 0

    def publish(self, topic, *args, **kwargs):
        return super().publish("dimmed/" + topic, *args, **kwargs)


class Counting:
    """A class of Python's alone."""

    def __init__(self):
        self.counted = 0

    def count_one(self):
        self.counted += 1
        return self.counted


class CountedLast(Counting, Named):
    def __init__(self, name):
        Counting.__init__(self)
        Named.__init__(self, name)


class CountedFirst(Lamp, Counting):
    def __init__(self, name):
        Lamp.__init__(self, name)
        Counting.__init__(self)


class Inherited(mqtt.Client):
    """Without anything of its own."""


for kind in (Lamp, Named, DimmedLamp, CountedLast, CountedFirst):
    lamp = kind(kind.__name__)
    assert type(lamp) is kind and lamp.__class__ is kind
    assert isinstance(lamp, mqtt.Client) and issubclass(kind, mqtt.Client)
    assert not isinstance(lamp, dict)
    assert lamp.connect(HOST, *((PORT,) if kind in (Named, CountedLast) else (60, PORT))) == 0

    def sets(client, payload, topic):
        client.set(client, payload, topic)
        # An override, by way of the argument.
        client.publish("answer/" + client.name, "set", 1)

    topic = "lamp/" + lamp.name
    assert lamp.subscribe(topic, sets, 1) is None
    # The module calls none of the overrides by itself.
    assert mqtt.Client.publish(lamp, topic, "1", 1) is None
    wait_until(lambda: lamp.sent)
    prefix = "dimmed/" if kind is DimmedLamp else ""
    assert lamp.on is True and lamp.sent == [prefix + "answer/" + lamp.name], (kind, lamp.on, lamp.sent)
    lamp.unsubscribe(topic)
    if hasattr(lamp, "counted"):
        assert lamp.count_one() == 1 and lamp.count_one() == 2 and lamp.counted == 2
    assert lamp.connected() and mqtt.Client.connected(lamp)
    super(kind, lamp).disconnect()
    assert not lamp.connected()

lamp = Inherited("inherited", True, command_timeout=10000)
assert lamp.connect(HOST, 60, PORT) == 0
lamp.disconnect()
assert "'client_id' argument required" in str(expect(TypeError, Inherited))

# The methods of the class want a client.
for wrong in (None, 5, "client", object(), Counting(), mqtt.Client):
    assert "must be a mqtt.Client" in str(expect(TypeError, mqtt.Client.publish, wrong, "t"))
    assert "must be a mqtt.Client" in str(expect(TypeError, mqtt.Client.__init__, wrong, "t"))
    assert "must be a mqtt.Client" in str(expect(TypeError, mqtt.Client.__repr__, wrong))
expect(TypeError, mqtt.Client.publish)
expect(TypeError, mqtt.Client.__init__)

assert mqtt.Client.__name__ == "Client"
assert repr(mqtt.Client) == "<class 'Client'>"
print("OK")
