"""Reason codes in both directions."""

import pytest
from harness import mqtt5

ACKNOWLEDGED = [
    (0x80, "Unspecified error"),
    (0x83, "Implementation specific error"),
    (0x87, "Not authorized"),
    (0x90, "Topic Name invalid"),
    (0x91, "Packet Identifier in use"),
    (0x97, "Quota exceeded"),
    (0x99, "Payload format invalid"),
]
SUBSCRIBED = [
    (0x80, "Unspecified error"),
    (0x83, "Implementation specific error"),
    (0x87, "Not authorized"),
    (0x8F, "Topic Filter invalid"),
    (0x91, "Packet Identifier in use"),
    (0x97, "Quota exceeded"),
    (0x9E, "Shared Subscriptions not supported"),
    (0xA1, "Subscription Identifiers not supported"),
    (0xA2, "Wildcard Subscriptions not supported"),
]
UNSUBSCRIBED = [code for code in SUBSCRIBED if code[0] in (0x80, 0x83, 0x87, 0x8F, 0x91)]
CONNECTED = [0x80, *range(0x81, 0x8B), 0x8C, 0x90, 0x95, 0x97, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9F]
GOODBYES = [
    (0x80, "Unspecified error"),
    (0x82, "Protocol Error"),
    (0x89, "Server busy"),
    (0x8B, "Server shutting down"),
    (0x8D, "Keep Alive timeout"),
    (0x8E, "Session taken over"),
    (0x93, "Receive Maximum exceeded"),
    (0x98, "Administrative action"),
    (0x9C, "Use another server"),
    (0xA0, "Maximum connect time"),
]


def answer_publish(link, qos, code, **properties):
    """Ends the handshake of a PUBLISH with this code."""
    link.acknowledge(link.expect_packet("PUBLISH", topic="t", qos=qos, dup=False), code, **properties)


def test_mqtt5_4_13_2_1_connack(play):
    def script(broker):
        for code in CONNECTED:
            link = broker.accept()
            link.expect_packet("CONNECT")
            link.send(mqtt5.connack(False, code, reason_string=f"for {code}", server_reference="other"))
            link.expect_end()
        link = broker.accept()
        link.expect_packet("CONNECT")
        link.send(mqtt5.connack(False, 0x87))
        link.expect_end()
        link = broker.accept()
        link.accept_connect()
        link.expect_goodbye()

    play("reason_cases", script, CASE="connack", CODES=CONNECTED)


def test_puback_and_pubrec(play):
    def script(broker):
        link = broker.accept()
        link.accept_connect()
        for qos in (1, 2):
            for code, _ in ACKNOWLEDGED:
                answer_publish(link, qos, code)
                answer_publish(link, qos, code, user_property=[("a", "b")], reason_string="because \u00fc")
                answer_publish(link, qos, code, user_property=[("a", "b")])
            answer_publish(link, qos, 0x97, reason_string="r" * 1000)
            answer_publish(link, qos, 0x10, reason_string="nobody listens")
        link.expect_goodbye()

    play("reason_cases", script, CASE="acknowledgements", CODES=ACKNOWLEDGED)


def test_deliveries(play):
    def script(broker):
        link = broker.accept()
        link.accept_connect()
        for qos in (1, 2):
            for code, _ in ACKNOWLEDGED:
                answer_publish(link, qos, code)
                packets = [link.expect_packet("PUBLISH", topic="t", qos=qos) for _ in range(2)]
                refuse = mqtt5.puback if qos == 1 else mqtt5.pubrec
                for number, packet in enumerate(packets, 1):
                    link.send(refuse(packet.packet_id, code, reason_string=f"no {number}"))
            answer_publish(link, qos, 0x10)
        link.expect_goodbye()

    play("reason_cases", script, CASE="deliveries", CODES=ACKNOWLEDGED)


def test_deliveries_that_are_awaited(play):
    def script(broker):
        for numbers in ((1,), (2, 3)):
            link = broker.accept()
            link.accept_connect()
            for number in numbers:
                answer_publish(link, 1, 0x87, reason_string=f"no {number}")
            link.expect_goodbye()

    play("reason_cases", script, CASE="deliveries_of_tasks")


def test_suback_and_unsuback(play):
    def script(broker):
        link = broker.accept()
        link.accept_connect()
        for code, _ in SUBSCRIBED:
            link.accept_subscribe(code)
            packet = link.expect_packet("SUBSCRIBE")
            link.send(mqtt5.suback(packet.packet_id, code, reason_string="because"))
        link.accept_subscribe(filters=[("end", 1)])
        link.send(mqtt5.publish("t", b"printed if a refused filter were registered") + mqtt5.publish("end"))
        for code, _ in UNSUBSCRIBED:
            link.accept_subscribe()
            packet = link.expect_packet("UNSUBSCRIBE")
            link.send(mqtt5.unsuback(packet.packet_id, code, reason_string="because"))
        link.accept_subscribe()
        packet = link.expect_packet("UNSUBSCRIBE")
        link.send(mqtt5.unsuback(packet.packet_id, 0x11))
        link.expect_goodbye()

    lines = play("reason_cases", script, CASE="subscriptions", CODES=SUBSCRIBED, UNSUBSCRIBED=UNSUBSCRIBED)
    assert lines == []


def test_mqtt5_4_13_2_1_disconnect_of_the_broker(play):
    def script(broker):
        for code, _ in GOODBYES:
            for properties in ({}, {"reason_string": "because", "server_reference": "other"}):
                link = broker.accept()
                link.accept_connect()
                link.send(mqtt5.disconnect(code, **properties))
                link.expect_end()
        link = broker.accept()
        link.accept_connect()
        link.send(mqtt5.disconnect())
        link.expect_end()

    play("reason_cases", script, CASE="goodbyes", CODES=GOODBYES)


@pytest.mark.parametrize(
    "case, code, words", [("goodbye_while_a_call_waits", 0x8B, "soon"), ("goodbye_to_messages", 0x97, "for now")]
)
def test_disconnect_of_the_broker_before_an_answer(play, case, code, words):
    def script(broker):
        link = broker.accept()
        link.accept_connect()
        link.expect_packet("PUBLISH")
        link.send(mqtt5.disconnect(code, reason_string=words))
        link.expect_end()

    play("reason_cases", script, CASE=case)


def test_the_words_of_a_disconnect_and_those_of_a_refusal_after_it(play):
    def script(broker):
        link = broker.accept()
        link.accept_connect()
        link.send(mqtt5.disconnect(0x97, reason_string="of connections"))
        link.expect_end()
        link = broker.accept()
        link.accept_connect()
        answer_publish(link, 1, 0x97, reason_string="of messages")
        link.expect_goodbye()

    play("reason_cases", script, CASE="failure_and_later_words")


# Bytes of the broker, the properties of the client's CONNECT, and the code that the client answers with.
FAULTS = {
    "reserved packet type": (b"\x00\x00", {}, 0x81),
    "unknown property": (b"\x30\x07\x00\x01t\x03\x7f\x00\x00", {}, 0x81),
    "topic that is not UTF-8": (b"\x30\x05\x00\x02\xff\xff\x00", {}, 0x81),
    "property twice": (mqtt5.publish("t", payload_format_indicator=[1, 1]), {}, 0x82),
    "second CONNACK": (mqtt5.connack(), {}, 0x82),
    "unknown alias": (mqtt5.publish("", topic_alias=1), {"topic_alias_maximum": 2}, 0x94),
    "alias above the maximum": (mqtt5.publish("t", topic_alias=3), {"topic_alias_maximum": 2}, 0x94),
    "alias of a client without": (mqtt5.publish("t", topic_alias=1), {}, 0x94),
    "AUTH that nobody asked for": (b"\xf0\x02\x18\x00", {}, 0x82),
}


@pytest.mark.parametrize("name", FAULTS)
def test_mqtt5_4_13_2_1_the_client_names_the_fault_of_the_broker(play, name):
    data, properties, code = FAULTS[name]

    def script(broker):
        link = broker.accept()
        link.accept_connect()
        link.expect(mqtt5.publish("go"))
        link.send_quietly(data)
        link.expect_packet("DISCONNECT", code=code)
        link.expect_end()

    play("reason_cases", script, CASE="faults", PROPERTIES=properties)


def test_receive_maximum_of_the_client(play):
    def script(broker):
        link = broker.accept()
        link.accept_connect(properties={"receive_maximum": 2})
        link.expect(mqtt5.publish("go"))
        link.send(b"".join(mqtt5.publish("t", b"", 2, number) for number in (1, 2, 3)))
        packets = []
        while (packet := link.next_packet()).kind != "DISCONNECT":
            packets.append(packet.kind)
        assert packet.code == 0x93 and set(packets) <= {"PUBREC"}
        link.expect_end()

    play("reason_cases", script, CASE="faults", PROPERTIES={"receive_maximum": 2})
