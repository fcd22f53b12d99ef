# MQTT 5 with a broker that knows it: CASE says which function below.
from on_target.support import wait_until
from on_target.version_5 import connected, new_client


def message_with_properties():
    """Every property of a message comes back as it was given."""
    properties = {
        "payload_format_indicator": 1,
        "content_type": "text/plain",
        "response_topic": "v5/answers",
        "correlation_data": b"\x00\xff",
        "user_property": [("a", "1"), ("a", "2")],
    }
    got = []

    def keep(client, payload, topic):
        got.append((topic, payload, client.message.qos, client.message.properties))

    c = connected(name="v5-properties", topic_alias_maximum=4)
    c.subscribe("v5/properties", keep, 2, properties={"subscription_identifier": 7})
    for qos in (0, 1, 2):
        for number in range(3):
            c.publish("v5/properties", "%d" % number, qos, properties=properties)
    wait_until(lambda: len(got) == 9)
    properties["subscription_identifier"] = [7]
    for i, message in enumerate(got):
        assert message == ("v5/properties", b"%d" % (i % 3), i // 3, properties), message
    c.disconnect()


def options_of_subscriptions():
    """No Local, Retain As Published, Retain Handling."""
    own, retained, fresh = [], [], []
    c = connected(name="v5-options")
    other = connected(name="v5-other")
    c.publish("v5/kept", "kept", 1, True)
    c.subscribe("v5/options", lambda client, payload, topic: own.append(payload), 1, no_local=True)
    c.publish("v5/options", "own", 1)
    other.publish("v5/options", "other", 1)
    wait_until(lambda: own)
    assert own == [b"other"], own
    c.subscribe(
        "v5/kept",
        lambda client, payload, topic: retained.append((payload, client.message.retain)),
        1,
        retain_as_published=True,
        retain_handling=2,
    )
    other.publish("v5/kept", "new", 1, True)
    wait_until(lambda: retained)
    assert retained == [(b"new", True)], retained
    other.subscribe("v5/kept", lambda client, payload, topic: fresh.append(payload), 1, retain_handling=1)
    wait_until(lambda: fresh)
    assert fresh == [b"new"], fresh
    other.publish("v5/kept", "", 1, True)
    for each in (c, other):
        each.disconnect()


def shared_subscription():
    """Each message comes to one of the two."""
    got = []
    clients = [connected(name="v5-shared-%d" % i) for i in range(2)]
    for c in clients:
        c.subscribe("$share/group/v5/shared", lambda client, payload, topic: got.append(payload), 2)
    for number in range(10):
        clients[0].publish("v5/shared", "%d" % number, 2)
    wait_until(lambda: len(got) >= 10)
    assert sorted(got) == [b"%d" % number for number in range(10)], got
    for c in clients:
        c.disconnect()


def session_expiry():
    """A session of 0 seconds is gone, one of an hour is kept; DISCONNECT changes its time."""
    for interval, present in ((0, False), (3600, True), (None, True)):
        c = connected(False, "v5-expiry", session_expiry_interval=interval)
        c.disconnect()
        assert c.reconnect() == 0
        assert c.session_present is present, interval
        c.disconnect(properties={"session_expiry_interval": 0} if interval else None)
        if interval:
            assert c.reconnect() == 0
            assert not c.session_present
            c.disconnect()


def will_in_time():
    """DISCONNECT with code 4 publishes the will; a normal one does not."""
    got = []
    watcher = connected(name="v5-watcher")
    watcher.subscribe("v5/will", lambda client, payload, topic: got.append((payload, client.message.properties)), 1)
    c = new_client(name="v5-will")
    c.set_will("v5/will", "gone", 1, False, properties={"content_type": "text/plain", "will_delay_interval": 0})
    assert c.connect(HOST, 60, PORT) == 0
    c.disconnect()
    assert c.reconnect() == 0
    c.disconnect(reason=4)
    wait_until(lambda: got)
    assert got == [(b"gone", {"content_type": "text/plain"})], got
    watcher.disconnect()


def chosen_identifier():
    c = connected(name="")
    assert c.properties["assigned_client_identifier"], c.properties
    c.publish("v5/t", "x", 2)
    c.disconnect()


globals()[CASE]()
print("OK")
