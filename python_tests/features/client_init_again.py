# A second __init__() makes a new client of the object, unless the first one is at work.
import gc

import mqtt
from on_target.support import Record, expect, expect_errno, wait_until


class Lamp(mqtt.Client):
    pass


for kind in (mqtt.Client, Lamp):
    client = kind("first", command_timeout=10000)
    client.kept = "kept"
    got = Record()
    client.subscribe("a", got)
    assert client.connect(HOST, 60, PORT) == 0
    client.publish("a", "1")
    wait_until(lambda: got)
    for _ in range(2):
        assert "disconnect" in str(expect(RuntimeError, client.__init__, "second"))
    # It has lost nothing.
    client.publish("a", "2")
    wait_until(lambda: len(got) == 2)
    client.disconnect()
    assert client.get_return_code() == 0

    mqtt.Client.__init__(client, "second", command_timeout=10000)
    assert client.get_return_code() is None and client.kept == "kept"
    assert repr(client) == "<%s 'second' not connected>" % kind.__name__, client
    expect_errno(107, client.reconnect)
    gc.collect()
    assert client.connect(HOST, 60, PORT, start_loop=False) == 0
    # The subscription was the first one's.
    client.publish("a", "3", 1)
    client.publish("a", "4", 1)
    assert len(got) == 2, got.messages
    expect(RuntimeError, client.__init__, "third")
    client.disconnect()

    # A loop that is about to connect again is at work, too.
    errors = []

    def failure(client):
        errors.append(repr(client))
        errors.append(expect(RuntimeError, client.__init__, "third"))

    client.__init__("lost", cycle_timeout=20, command_timeout=10000)
    assert client.connect(HOST, 60, PORT, loop_failure=failure) == 0
    client.publish("close")
    wait_until(lambda: len(errors) == 2)
    assert errors[0] == "<%s 'lost' connection lost>" % kind.__name__, errors
    client.disconnect()

    # A wrong argument leaves the old one as it was.
    expect(ValueError, client.__init__, "", False)
    assert client.connect(HOST, 60, PORT) == 0
    client.disconnect()
print("OK")
