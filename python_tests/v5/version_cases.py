# set_version(): CASE says which function below.
import mqtt
from on_target.support import expect, expect_errno, need_version_5

need_version_5()
EVERY = {
    "session_expiry_interval": 3600,
    "receive_maximum": 20,
    "maximum_packet_size": 5000,
    "topic_alias_maximum": 4,
    "request_response_information": 1,
    "request_problem_information": 0,
    "user_property": (("first", "1"), ("first", "2"), ("\u00fc", "")),
    "authentication_method": "of ours",
    "authentication_data": b"\x00\xff",
}


def bad_arguments():
    """A refused call leaves the version and the properties as they were."""
    c = mqtt.Client("v5")
    c.set_version(5, receive_maximum=7)
    expect(TypeError, c.set_version)
    expect(TypeError, c.set_version, 5, 65)
    expect(TypeError, c.set_version, 5, topic_alias=1)
    expect(TypeError, c.set_version, 5, will_delay_interval=1)
    expect(TypeError, c.set_version, "5")
    expect(TypeError, c.set_version, None)
    for version in (0, 3, 6, -1, 1 << 40):
        assert str(expect(ValueError, c.set_version, version)) == "version must be 4 or 5"
    for name, value in EVERY.items():
        error = expect(ValueError, c.set_version, 4, **{name: value})
        assert str(error) == name + " needs set_version(5)", error
    for name in EVERY:
        error = expect(TypeError, c.set_version, 5, **{name: 1.5})
        assert str(error).startswith(name + " must be"), error
    for name, values in (
        ("session_expiry_interval", (-1, 1 << 32)),
        ("receive_maximum", (-1, 0, 65536)),
        ("maximum_packet_size", (-1, 0, 1 << 32)),
        ("topic_alias_maximum", (-1, 17, 65535, 65536)),
        ("request_response_information", (-1, 2)),
        ("request_problem_information", (-1, 2, 256)),
    ):
        for value in values:
            error = expect(ValueError, c.set_version, 5, **{name: value})
            assert str(error) == name + " is out of range", error
    for pairs in ("ab", b"ab", 1, ("ab",), (("a",),), (("a", "b", "c"),), (("a", 1),), ((1, "b"),)):
        error = expect(TypeError, c.set_version, 5, user_property=pairs)
        assert str(error).startswith("user_property must be"), error
    for text in ("a\0b", b"\xff"):
        expect(ValueError, c.set_version, 5, user_property=((text, "b"),))
        expect(ValueError, c.set_version, 5, user_property=(("a", text),))
        expect(ValueError, c.set_version, 5, authentication_method=text)
    error = expect(ValueError, c.set_version, 5, authentication_data=b"data")
    assert str(error) == "authentication_data needs authentication_method"
    assert c.connect(HOST, 60, PORT) == 0
    c.disconnect()


def all_properties():
    c = mqtt.Client("v5")
    c.set_will("will", "gone", 1, False)
    c.set_username_pw("user", "password")
    # None is the same as nothing.
    c.set_version(5, **dict.fromkeys(EVERY))
    c.set_version(5, **EVERY)
    c.set_will(
        "will",
        "gone",
        1,
        True,
        properties={
            "will_delay_interval": 7,
            "payload_format_indicator": 1,
            "message_expiry_interval": 0,
            "content_type": "text/plain",
            "response_topic": "answers",
            "correlation_data": b"\x00",
            "user_property": [("a", "b")],
        },
    )
    assert c.connect(HOST, 60, PORT) == 0
    c.disconnect()


def defaults():
    """Those of a clean session, of one that is kept, and of one that is kept for 0 seconds."""
    for clean, properties in ((True, {}), (False, {}), (False, {"session_expiry_interval": 0})):
        c = mqtt.Client("v5", clean)
        c.set_version(5, **properties)
        assert c.connect(HOST, 0, PORT) == 0
        c.disconnect()


def back_to_version_4():
    """The bytes of MQTT 3.1.1, for a client that had properties, and for one that never had."""
    c = mqtt.Client("v5")
    c.set_version(5, **EVERY)
    c.set_will("will", "gone", 1, True, properties={"will_delay_interval": 7})
    assert c.properties is None
    assert c.connect(HOST, 60, PORT) == 0
    assert c.properties == {"server_keep_alive": 99}, c.properties
    c.disconnect()
    c.set_version(4)
    other = mqtt.Client("v5")
    other.set_will("will", "gone", 1, True)
    for c in (c, other):
        assert c.connect(HOST, 60, PORT) == 0
        assert c.properties is None, c.properties
        c.subscribe("t", print, 1)
        c.publish("t", "x", 1)
        c.unsubscribe("t")
        for call in (
            lambda: c.publish("t", "x", properties={}),
            lambda: c.subscribe("t", print, properties={}),
            lambda: c.subscribe("t", print, no_local=True),
            lambda: c.subscribe("t", print, retain_as_published=True),
            lambda: c.subscribe("t", print, retain_handling=1),
            lambda: c.unsubscribe("t", properties={}),
            lambda: c.set_will("t", "", properties={}),
            lambda: c.disconnect(properties={}),
            lambda: c.disconnect(reason=4),
        ):
            error = expect(ValueError, call)
            assert "needs set_version(5)" in str(error), error
        c.disconnect()


def not_while_connected():
    c = mqtt.Client("v5")
    assert c.connect(HOST, 60, PORT) == 0
    expect_errno(106, c.set_version, 5)
    expect_errno(106, c.set_version, 4)
    c.publish("t", "3.1.1")
    c.disconnect()
    c.set_version(5)
    assert c.connect(HOST, 60, PORT) == 0
    expect_errno(106, c.set_version, 4)
    c.publish("t", "5")
    c.disconnect()
    # reconnect() has it, too.
    c.set_version(4)
    assert c.reconnect() == 0
    c.disconnect()


def broker_of_version_4():
    c = mqtt.Client("v5", command_timeout=20000)
    c.set_version(5)
    assert c.connect(HOST, 60, PORT) == mqtt.RC_REFUSED_VERSION
    assert c.connect(HOST, 60, PORT) == mqtt.RC_REFUSED_SERVER
    assert c.get_return_code() == mqtt.RC_REFUSED_SERVER and c.properties is None and not c.connected()
    c.set_version(4)
    assert c.connect(HOST, 60, PORT) == 0
    c.disconnect()


globals()[CASE]()
print("OK")
