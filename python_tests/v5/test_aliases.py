"""Topic aliases in both directions."""

import pytest
from harness import mqtt5
from harness.targets import EmulatedBoard


def room_of(target):
    """The number of aliases that a client has room for."""
    return 4 if isinstance(target, EmulatedBoard) else 16


def take(link, topic, number, alias):
    """Takes the PUBLISH number `number` of a connection."""
    properties = {} if alias is None else {"topic_alias": alias}
    link.acknowledge(link.expect_packet("PUBLISH", topic=topic, qos=number % 3, properties=properties))


# Topic names of the program, those of the packets, and the aliases.
ALIASES = {
    0: [("a", "a", None), ("a", "a", None), ("b", "b", None), ("a", "a", None)],
    1: [("a", "a", 1), ("a", "", 1), ("b", "b", 1), ("b", "", 1), ("a", "a", 1), ("a", "", 1)],
    2: [("a", "a", 1), ("b", "b", 2), ("a", "", 1), ("b", "", 2), ("c", "c", 1), ("b", "", 2), ("a", "a", 2)],
}


@pytest.mark.parametrize("most", ALIASES)
def test_mqtt5_3_2_2_17_mqtt5_3_2_2_18_aliases_of_the_client(play, most):
    """Known topic names become short; a new connection begins without aliases, and with its own maximum."""
    rows = [ALIASES[most], ALIASES[most], ALIASES[0]]

    def script(broker):
        for row, maximum in zip(rows, (most, most, 0), strict=True):
            link = broker.accept()
            link.accept_connect(told={"topic_alias_maximum": maximum} if maximum else {})
            for number, (_, sent, alias) in enumerate(row):
                take(link, sent, number, alias)
            link.expect_goodbye()

    topics = [[topic for topic, _, _ in row] for row in rows]
    play("alias_cases", script, CASE="to_the_broker", TOPICS=topics)


def test_as_many_aliases_as_there_is_room_for(play, target):
    """[MQTT5-3.3.2-9] The broker allows 65,535."""
    room = room_of(target)
    topics = [f"t/{number}" for number in range(room)]

    def script(broker):
        link = broker.accept()
        link.accept_connect(told={"topic_alias_maximum": 65535})
        for number, topic in enumerate(topics):
            take(link, topic, number, number + 1)
        for number in range(room):
            take(link, "", room + number, number + 1)
        link.expect_goodbye()

    play("alias_cases", script, CASE="to_the_broker", TOPICS=[topics + topics])


def test_a_message_that_is_sent_again_has_its_topic_name(play):
    def script(broker):
        for message in (b"first", b"second"):
            if message == b"first":
                link = broker.accept()
                link.accept_connect(told={"topic_alias_maximum": 9})
            packet = link.expect_packet("PUBLISH", payload=message)
            if message == b"first":
                link.acknowledge(packet)
        link.drop()
        link = broker.accept()
        link.accept_connect(True, told={"topic_alias_maximum": 9})
        packet = link.expect_packet("PUBLISH", topic="t", payload=b"second", dup=True)
        link.acknowledge(packet)
        packet = link.expect_packet("PUBLISH", payload=b"third")
        assert packet.topic or packet.properties == {"topic_alias": 1}
        link.acknowledge(packet)
        link.expect_goodbye()

    play("alias_cases", script, CASE="lost_acknowledgement")


def test_aliases_of_the_broker(play):
    """They are resolved, may change, and end with the connection."""
    sent = [
        ("a", b"0", {"topic_alias": 1}, "a"),
        ("", b"1", {"topic_alias": 1}, "a"),
        ("b", b"2", {"topic_alias": 3}, "b"),
        ("c", b"3", {}, "c"),
        ("", b"4", {"topic_alias": 3}, "b"),
        ("", b"5", {"topic_alias": 1}, "a"),
        ("d", b"6", {"topic_alias": 1}, "d"),
        ("", b"7", {"topic_alias": 1}, "d"),
        ("e", b"8", {}, "e"),
        # With QoS 0: no answer can come too late.
        ("end", b"", {}, "end"),
    ]

    def script(broker):
        link = broker.accept()
        link.accept_connect()
        link.accept_subscribe()
        for number, (topic, payload, properties, _) in enumerate(sent):
            qos = number % 3
            link.send(mqtt5.publish(topic, payload, qos, number + 1 if qos else None, **properties))
            if qos == 1:
                link.expect(mqtt5.puback(number + 1))
            elif qos == 2:
                link.expect(mqtt5.pubrec(number + 1))
                # Again: the alias of a duplicate counts, too.
                link.send(mqtt5.publish(topic, payload, qos, number + 1, True, **properties))
                link.expect(mqtt5.pubrec(number + 1))
                link.send(mqtt5.pubrel(number + 1))
                link.expect(mqtt5.pubcomp(number + 1))
        link.expect_goodbye()
        link = broker.accept()
        link.accept_connect()
        link.accept_subscribe()
        link.send(mqtt5.publish("", b"", topic_alias=1))
        # Code 0x94 leaves if nothing else is being written at that moment: test_reasons.py has that.
        while (packet := link.next_packet()) is not None:
            assert packet.kind == "DISCONNECT" and packet.code == 0x94

    expected = [(topic, payload) for _, payload, _, topic in sent]
    play("alias_cases", script, CASE="from_two_connections", MOST=3, EXPECTED=expected)


def test_mqtt5_3_3_2_10_every_alias_up_to_the_maximum_of_the_client(play, target):
    room = room_of(target)
    topics = [f"t/{number}" for number in range(1, room + 1)]

    def script(broker):
        link = broker.accept()
        packet = link.accept_connect()
        assert packet.properties["topic_alias_maximum"] == room
        link.accept_subscribe()
        for again in (False, True):
            for alias, topic in enumerate(topics, 1):
                link.send(mqtt5.publish("" if again else topic, b"", topic_alias=alias))
        link.send(mqtt5.publish("end"))
        link.expect_goodbye()

    expected = [(topic, b"") for topic in [*topics, *topics, "end"]]
    play("alias_cases", script, CASE="from_the_broker", MOST=room, EXPECTED=expected)
