# Topic aliases: CASE says which function below.
from on_target.support import wait_until
from on_target.version_5 import connected, new_client


def to_the_broker():
    """The topic names of TOPICS, in turn, over as many connections as there are rows."""
    c = new_client()
    for topics in TOPICS:
        assert c.connect(HOST, 60, PORT) == 0
        for number, topic in enumerate(topics):
            c.publish(topic, "x", number % 3)
        c.disconnect()


def lost_acknowledgement():
    """A message that is sent again has its whole topic name."""
    c = connected(False)
    c.publish("t", "first", 1)
    delivery = c.publish("t", "second", 1, wait=False)
    wait_until(lambda: not c.connected())
    assert c.reconnect() == 0
    c.loop()
    wait_until(delivery.done)
    c.publish("t", "third", 1)
    c.disconnect()


def from_the_broker():
    got = []
    c = connected(topic_alias_maximum=MOST)
    c.subscribe("#", lambda client, payload, topic: got.append((topic, payload)), 2)
    wait_until(lambda: ("end", b"") in got)
    assert got == EXPECTED, got
    c.disconnect()
    return c


def from_two_connections():
    """The broker uses an alias of the first one in the second one."""
    c = from_the_broker()
    assert c.connect(HOST, 60, PORT) == 0
    wait_until(lambda: not c.connected())
    c.disconnect()


globals()[CASE]()
print("OK")
