# Attributes of instances, of Client itself and of a class that derives from it.
import mqtt
from on_target.support import expect


class Lamp(mqtt.Client):
    colour = "white"

    @property
    def bright(self):
        return self.level > 50

    @bright.setter
    def bright(self, value):
        self.level = 100 if value else 0

    @staticmethod
    def kind():
        return "lamp"

    @classmethod
    def named(cls, name):
        return cls(name)

    def __len__(self):
        return self.level


for kind in (mqtt.Client, Lamp):
    first, second = kind("first"), kind("second")
    first.level = 7
    first.names = ["a"]
    first.names.append("b")
    first.level += 1
    setattr(first, "other", first)
    assert (first.level, first.names, first.other) == (8, ["a", "b"], first)
    assert not hasattr(second, "level")
    expect(AttributeError, getattr, second, "level")
    second.level = 1
    assert first.level == 8
    del first.level
    assert not hasattr(first, "level") and second.level == 1
    # An attribute of the instance comes before a method.
    first.connected = lambda: "mine"
    assert first.connected() == "mine" and second.connected() is False
    del first.connected
    assert first.connected() is False
    assert {"connect", "publish", "names"} <= set(dir(first)), dir(first)
    assert first == first and first != second and len({first, second, first}) == 2
    assert hash(first) == hash(first)
    assert first if kind is mqtt.Client else second
    # A method is an object that can be kept.
    connected = first.connected
    assert connected() is False
    assert callable(connected) and callable(kind.connected) and not callable(first)
    # Clients have no operators.
    expect(TypeError, lambda: first + 1)
    expect(TypeError, lambda: first[0])
    expect(TypeError, iter, first)
    expect(TypeError, lambda: first < second)


class Asked(mqtt.Client):
    """Has an answer for names that nobody knows."""

    def __getattr__(self, name):
        return "asked for " + name


# The attributes of the module itself: as those of the class, they come before __getattr__().
for kind in (mqtt.Client, Lamp, Asked):
    client = kind("attributes")
    assert (client.message, client.failure, client.session_present) == (None, None, False), kind
    assert kind is not Asked or client.level == "asked for level"

lamp = Lamp.named("third")
assert type(lamp) is Lamp and lamp.colour == "white" and Lamp.kind() == lamp.kind() == "lamp"
lamp.bright = True
assert lamp.bright and lamp.level == 100 and len(lamp) == 100
print("OK")
