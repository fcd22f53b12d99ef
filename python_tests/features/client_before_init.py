# A client before its __init__() has run, or after it has failed.
import gc

import mqtt
from on_target.support import expect, expect_errno


class Forgetful(mqtt.Client):
    def __init__(self, *args):
        self.before = repr(self)
        for call in calls(self):
            assert "__init__" in str(expect(RuntimeError, *call)), call
        assert not hasattr(self, "missing")


def calls(client):
    """Every method, with arguments that it takes."""
    return [
        (client.connect, "127.0.0.1", 60),
        (client.reconnect,),
        (client.connected,),
        (client.loop,),
        (client.get_return_code,),
        (client.set_username_pw, "ann"),
        (client.set_will, "t", "gone"),
        (client.publish, "t"),
        (client.subscribe, "t", print),
        (client.unsubscribe, "t"),
        (client.disconnect,),
        (mqtt.Client.publish, client, "t"),
    ]


for args in ((), ("one",), ("one", 2, "three", {})):
    client = Forgetful(*args)
    assert client.before == repr(client) == "<Forgetful before __init__()>"
    for call in calls(client):
        assert "__init__" in str(expect(RuntimeError, *call)), call
    assert not hasattr(client, "missing")
    client.attribute = 5
    client.__del__()
    # It can be caught up on.
    mqtt.Client.__init__(client, "late")
    assert repr(client) == "<Forgetful 'late' not connected>" and client.attribute == 5
    expect_errno(107, client.publish, "t")


class Wrong(mqtt.Client):
    def __init__(self):
        error = expect(ValueError, super().__init__, "", clean_session=False)
        assert "client_id" in str(error)


client = Wrong()
expect(RuntimeError, client.connected)
super(Wrong, client).__init__("right")
assert client.connected() is False


# __init__() on its own object only; one that has been made in another way is no different.
class Made(mqtt.Client):
    def __new__(cls, name):
        made = object.__new__(cls)
        made.name = name
        return made

    def __init__(self, name):
        super().__init__(name)


client = Made("made")
assert client.name == "made" and client.connected() is False
bare = object.__new__(Made)
expect(RuntimeError, bare.connected)

del client, bare
gc.collect()
print("OK")
