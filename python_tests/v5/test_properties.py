"""Properties of every type, in both directions."""

from harness import mqtt5

MESSAGE = {
    "payload_format_indicator": 1,
    "message_expiry_interval": 0xFFFFFFFF,
    "content_type": "text/plain; charset=\u00fc",
    "response_topic": "answers/1",
    "correlation_data": b"\x00\xff\x80",
    "user_property": [("a", "1"), ("a", "2"), ("", "")],
}


def take(link, qos, **fields):
    link.acknowledge(link.expect_packet("PUBLISH", topic="t", payload=b"x", qos=qos, **fields))


def test_properties_to_the_broker(play):
    def script(broker):
        link = broker.accept()
        link.accept_connect()
        for qos in (0, 1, 2):
            take(link, qos, properties=MESSAGE)
        take(link, 1, properties={})
        take(link, 1, properties={})
        take(link, 1, properties=MESSAGE)
        take(link, 0, properties={"content_type": "bytes", "correlation_data": b"text"})
        take(link, 0, properties={"user_property": [("a", "b"), ("c", "d")]})
        take(link, 0, properties={})
        take(link, 0, properties={"content_type": "made"})
        both = {"subscription_identifier": [268435455], "user_property": [("a", "b")]}
        link.accept_subscribe(filters=[("t", 1)], properties=both)
        link.accept_subscribe(filters=[("u", 2 | 4 | 8 | 0x20)], properties={})
        link.accept_subscribe(filters=[("v", 0x10)], properties={})
        link.accept_subscribe(filters=[("w", 4)], properties={})
        packet = link.expect_packet("UNSUBSCRIBE", filters=["u"], properties={"user_property": [("c", "d")]})
        link.send(mqtt5.unsuback(packet.packet_id))
        reason = {"session_expiry_interval": 0, "reason_string": "by hand", "user_property": [("e", "f")]}
        link.expect_packet("DISCONNECT", code=4, properties=reason)
        link.expect_end()

    play("property_cases", script, CASE="to_the_broker")


def test_bad_properties_send_nothing(play):
    def script(broker):
        link = broker.accept()
        link.accept_connect()
        link.expect(mqtt5.publish("end"))
        link.expect_goodbye()

    play("property_cases", script, CASE="bad_properties")


def test_mqtt5_3_8_3_4_a_shared_subscription_is_never_no_local(play):
    def script(broker):
        link = broker.accept()
        link.accept_connect()
        link.accept_subscribe(filters=[("$share/g/t", 1)])
        link.accept_subscribe(filters=[("$sharing/g/t", 1 | 4)])
        link.expect_goodbye()

    play("property_cases", script, CASE="no_local_of_a_shared_subscription")


def test_properties_are_copied(play):
    before = {"correlation_data": b"before", "user_property": [("a", "before")], "content_type": "before"}

    def script(broker):
        link = broker.accept()
        link.accept_connect()
        link.expect_packet("PUBLISH", qos=1, properties=before)
        link.drop()
        link = broker.accept()
        link.accept_connect(will_properties=before)
        link.expect_goodbye()

    play("property_cases", script, CASE="properties_are_not_kept")


def test_properties_from_the_broker(play):
    def script(broker):
        link = broker.accept()
        link.expect_packet("CONNECT")
        told = mqtt5.connack(
            session_expiry_interval=0xFFFFFFFF,
            receive_maximum=65535,
            retain_available=1,
            maximum_packet_size=1 << 28,
            assigned_client_identifier="chosen",
            topic_alias_maximum=65535,
            reason_string="why \u00fc",
            user_property=[("a", "1"), ("a", "2")],
            wildcard_subscription_available=1,
            subscription_identifiers_available=1,
            shared_subscription_available=0,
            server_keep_alive=600,
            response_information="answers/",
            server_reference="other",
        )
        link.send(told, pieces=7)
        link.accept_subscribe()
        every = mqtt5.publish("t", b"x", 1, 1, subscription_identifier=[1, 268435455], **MESSAGE)
        link.send(every, pieces=1)
        link.expect(mqtt5.puback(1))
        link.send(mqtt5.publish("t", b"x"))
        # A Topic Alias is the client's own affair.
        link.send(mqtt5.publish("t", b"x", topic_alias=1))
        # More bytes than the client reads ahead.
        link.send(mqtt5.publish("t", b"x", correlation_data=bytes(3000)))
        link.expect_goodbye()

    play("property_cases", script, CASE="from_the_broker")
