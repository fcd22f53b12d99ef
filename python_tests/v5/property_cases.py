# Properties in both directions: CASE says which function below.
import gc

from on_target.support import expect, wait_until
from on_target.version_5 import connected

MESSAGE = {
    "payload_format_indicator": 1,
    "message_expiry_interval": 0xFFFFFFFF,
    "content_type": "text/plain; charset=\u00fc",
    "response_topic": "answers/1",
    "correlation_data": b"\x00\xff\x80",
    "user_property": [("a", "1"), ("a", "2"), ("", "")],
}


def to_the_broker():
    """In each kind of packet that may have any; nothing of a dict is kept."""
    c = connected()
    for qos in (0, 1, 2):
        c.publish("t", "x", qos, properties=MESSAGE)
    c.publish("t", "x", 1, properties={})
    c.publish("t", "x", 1, properties=None)
    c.publish("t", "x", 1, wait=False, properties=MESSAGE).wait()
    c.publish("t", "x", properties={"content_type": b"bytes", "correlation_data": "text"})
    c.publish("t", "x", properties={"user_property": (["a", "b"], ("c", "d"))})
    c.publish("t", "x", properties={"user_property": []})
    # A name that no other part of the program has.
    c.publish("t", "x", properties={"content" + "_type"[:]: "made"})
    c.subscribe("t", print, 1, properties={"subscription_identifier": 268435455, "user_property": [("a", "b")]})
    c.subscribe("u", print, 2, no_local=True, retain_as_published=True, retain_handling=2)
    c.subscribe("v", print, retain_handling=1)
    c.subscribe("w", print, no_local=True)
    c.unsubscribe("u", properties={"user_property": [("c", "d")]})
    reason = {"session_expiry_interval": 0, "reason_string": "by hand", "user_property": [("e", "f")]}
    c.disconnect(reason=4, properties=reason)
    assert MESSAGE["user_property"] == [("a", "1"), ("a", "2"), ("", "")] and len(MESSAGE) == 6
    assert reason["reason_string"] == "by hand" and len(reason) == 3


def bad_properties():
    """Nothing is sent, and nothing is registered."""
    c = connected()
    calls = {
        "publish": lambda properties: c.publish("t", "x", 1, properties=properties),
        "later": lambda properties: c.publish("t", "x", 1, wait=False, properties=properties),
        "set_will": lambda properties: c.set_will("t", "x", properties=properties),
        "subscribe": lambda properties: c.subscribe("t", print, properties=properties),
        "unsubscribe": lambda properties: c.unsubscribe("t", properties=properties),
        "disconnect": lambda properties: c.disconnect(properties=properties),
    }
    for call in calls.values():
        for wrong in (1, "text", [], (("user_property", ()),)):
            assert str(expect(TypeError, call, wrong)) == "properties must be a dict or None"
        assert str(expect(TypeError, call, {1: 2})) == "properties must have keys of str"
        for name in ("", "x", "Content_Type", "topic_alias", "receive_maximum", "n" * 100):
            error = expect(ValueError, call, {name: 1})
            assert str(error) == name[:32] + " is no property here", error
    # Each where it may not stand.
    for name in ("content_type", "message_expiry_interval", "will_delay_interval"):
        for call in ("subscribe", "unsubscribe", "disconnect"):
            expect(ValueError, calls[call], {name: 1})
    for call in ("publish", "later"):
        expect(ValueError, calls[call], {"will_delay_interval": 1})
        expect(ValueError, calls[call], {"subscription_identifier": 1})
    for call in ("publish", "later", "set_will"):
        call = calls[call]
        for name in MESSAGE:
            error = expect(TypeError, call, {name: 1.5})
            assert str(error).startswith(name + " must be"), error
            expect(TypeError, call, {name: None})
        for name, values in (
            ("payload_format_indicator", (-1, 2, 1 << 70)),
            ("message_expiry_interval", (-1, 1 << 32, 1 << 70)),
        ):
            for value in values:
                assert str(expect(ValueError, call, {name: value})) == name + " is out of range"
        for name in ("content_type", "response_topic"):
            for text in ("a\0b", b"\xff"):
                expect(ValueError, call, {name: text})
        for topic in ("a/+", "#", ""):
            expect(ValueError, call, {"response_topic": topic})
        if LARGEST > 1 << 20:
            # A board has no block of this size.
            error = expect(ValueError, call, {"correlation_data": bytes(65536)})
            assert str(error) == "correlation_data is longer than 65535 bytes", error
        # A right one before the wrong one.
        expect(TypeError, call, {"content_type": "right", "user_property": [("a", "b"), 1]})
    for value in (0, -1, 268435456):
        error = expect(ValueError, calls["subscribe"], {"subscription_identifier": value})
        assert str(error) == "subscription_identifier is out of range", error
    expect(TypeError, calls["subscribe"], {"subscription_identifier": [1]})
    for handling in (-1, 3):
        expect(ValueError, lambda: c.subscribe("t", print, retain_handling=handling))
    for option in ("no_local", "retain_as_published"):
        expect(TypeError, lambda: c.subscribe("t", print, **{option: "1"}))
    for reason in (1, 3, 5, 0x87, 256, -1):
        error = expect(ValueError, lambda: c.disconnect(reason=reason))
        assert "reason" in str(error), error
    expect(TypeError, lambda: c.disconnect(reason="4"))
    assert c.connected()
    c.publish("end")
    c.disconnect()


def no_local_of_a_shared_subscription():
    c = connected()
    for topic in ("$share/g/t", "$share/g/+"):
        expect(ValueError, lambda: c.subscribe(topic, print, 1, no_local=True))
    c.subscribe("$share/g/t", print, 1)
    c.subscribe("$sharing/g/t", print, 1, no_local=True)
    c.disconnect()


def properties_are_not_kept():
    """Changing the dict, its lists and bytearrays after the call changes no packet; the client keeps none of them alive."""
    c = connected()
    correlation = bytearray(b"before")
    pairs = [("a", "before")]
    properties = {"correlation_data": correlation, "user_property": pairs, "content_type": "before"}
    c.set_will("will", "x", 1, False, properties=properties)
    delivery = c.publish("t", "x", 1, wait=False, properties=properties)
    correlation[:] = b"after!"
    pairs[0] = ("a", "after")
    properties["content_type"] = "after"
    pairs = correlation = None
    properties.clear()
    gc.collect()
    # The broker ends the connection instead of an answer.
    wait_until(lambda: not c.connected())
    assert c.reconnect() == 0
    c.disconnect()
    assert delivery.done()


def from_the_broker():
    """Of every type; a dict is the program's own."""
    got = []

    def function(client, payload, topic):
        message = client.message
        first, second = message.properties, client.message.properties
        assert first == second and first is not second
        got.append(first)
        first["more"] = 1
        assert "more" not in client.message.properties

    c = connected(topic_alias_maximum=2)
    told = c.properties
    assert told == {
        "session_expiry_interval": 0xFFFFFFFF,
        "receive_maximum": 65535,
        "retain_available": 1,
        "maximum_packet_size": 1 << 28,
        "assigned_client_identifier": "chosen",
        "topic_alias_maximum": 65535,
        "reason_string": "why \u00fc",
        "user_property": [("a", "1"), ("a", "2")],
        "wildcard_subscription_available": 1,
        "subscription_identifiers_available": 1,
        "shared_subscription_available": 0,
        "server_keep_alive": 600,
        "response_information": "answers/",
        "server_reference": "other",
    }, told
    told.clear()
    assert len(c.properties) == 14
    c.subscribe("t", function, 1)
    wait_until(lambda: len(got) == 4)
    for each in got:
        del each["more"]
    every = dict(MESSAGE)
    every["subscription_identifier"] = [1, 268435455]
    assert got[0] == every, got[0]
    assert got[1] == {} and got[2] == {}, got
    assert got[3] == {"correlation_data": bytes(3000)}, got[3]
    c.disconnect()
    # They stay, as the return code does.
    assert c.properties["assigned_client_identifier"] == "chosen"
    assert c.message is None


globals()[CASE]()
print("OK")
