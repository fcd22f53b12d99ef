"""Connections and sessions from their beginning to their end."""

import pytest
from harness import mqtt5

# How long a broker waits whose client counts in whole seconds, in s.
PAST = 1.2
MESSAGE = ("t", b"once")


def accepted(broker, session_present=False, **fields):
    """The next connection, up to its CONNACK."""
    link = broker.accept()
    link.accept_connect(session_present, client_id="v5", **fields)
    return link


def take(link, payload, **fields):
    """A message of QoS 2 from the client."""
    link.acknowledge(link.expect_packet("PUBLISH", topic="u", payload=payload, qos=2, **fields))


def send(link, dup=False):
    """A message of QoS 2 to the client, up to its PUBREC."""
    link.send(mqtt5.publish(*MESSAGE, 2, 7, dup))
    link.expect(mqtt5.pubrec(7))


def end(link):
    """The rest of that message, and the last one."""
    link.send(mqtt5.pubrel(7))
    link.expect(mqtt5.pubcomp(7))
    link.send(mqtt5.publish("end"))
    link.expect_goodbye()


def test_mqtt5_3_1_0_1_mqtt5_3_1_0_2_connect_is_the_first_packet_and_comes_once(play):
    def script(broker):
        kinds = []
        for number, count in enumerate((2, 1)):
            link = broker.accept()
            link.expect_packet("CONNECT")
            # Nothing comes before the CONNACK.
            link.expect_silence(0.1)
            link.send(mqtt5.connack(bool(number)))
            for _ in range(count):
                packet = link.next_packet()
                kinds.append(packet.kind)
                link.oblige(packet)
            if not number:
                link.drop()
                link.expect_end()
        assert sorted(kinds) == ["PUBLISH", "PUBLISH", "SUBSCRIBE"]
        link.expect_goodbye()

    play("lifecycle_cases", script, CASE="much_waits_for_the_connection")


def test_mqtt5_3_1_2_4_clean_start_forgets_the_session(play):
    """Nothing is sent again, and an identifier of the last session means a new message."""

    def script(broker):
        for last in (False, True):
            link = accepted(broker, clean_session=True)
            link.accept_subscribe(filters=[("t", 2)])
            link.accept_subscribe(filters=[("end", 0)])
            if not last:
                link.expect_packet("PUBLISH", payload=b"before")
            send(link, dup=last)
            if not last:
                link.drop()
        end(link)

    play("lifecycle_cases", script, CASE="lost_and_connected_again", CLEAN=True, EXPECTED=[MESSAGE, MESSAGE, ("end", b"")])


def test_mqtt5_3_1_2_23_mqtt5_3_1_3_2_a_session_outlives_its_connection(play):
    """It is that of the client identifier: the client goes on with both handshakes, and subscribes to nothing."""

    def script(broker):
        link = accepted(broker, clean_session=False)
        link.accept_subscribe(filters=[("t", 2)])
        link.accept_subscribe(filters=[("end", 0)])
        link.expect_packet("PUBLISH", payload=b"before", dup=False)
        send(link)
        link.drop()
        link = accepted(broker, session_present=True, clean_session=False)
        take(link, b"before", dup=True)
        send(link, dup=True)
        end(link)

    play("lifecycle_cases", script, CASE="lost_and_connected_again", CLEAN=False, EXPECTED=[MESSAGE, ("end", b"")])


def test_mqtt5_3_2_2_4_a_session_of_the_broker_alone_ends_the_connection(play):
    """A client that asks for a new session has none."""

    def script(broker):
        link = broker.accept()
        link.expect_packet("CONNECT", clean_session=True)
        link.send(mqtt5.connack(True))
        link.expect_end()
        accepted(broker).expect_goodbye()

    play("lifecycle_cases", script, CASE="session_where_there_is_none")


def test_mqtt5_4_1_0_1_mqtt5_4_3_3_13_a_session_lasts_as_long_as_its_connection(play):
    """Its own time and that of the messages are over, and both handshakes go on."""

    def script(broker):
        link = accepted(broker, clean_session=False)
        link.accept_subscribe(filters=[("t", 2)])
        link.accept_subscribe(filters=[("end", 0)])
        packet = link.expect_packet("PUBLISH", qos=2)
        link.send(mqtt5.publish(*MESSAGE, 2, 7, message_expiry_interval=1))
        link.expect(mqtt5.pubrec(7))
        link.expect_silence(PAST)
        send(link, dup=True)
        link.send(mqtt5.pubrec(packet.packet_id))
        link.expect(mqtt5.pubrel(packet.packet_id))
        link.expect_silence(PAST)
        link.send(mqtt5.pubcomp(packet.packet_id))
        end(link)

    play("lifecycle_cases", script, CASE="time_passes")


def test_mqtt5_4_3_3_7_a_message_that_was_sent_does_not_expire(play):
    properties = {"message_expiry_interval": 1}

    def script(broker):
        link = accepted(broker)
        link.expect_packet("PUBLISH", payload=b"late", dup=False, properties=properties)
        link.expect_silence(PAST)
        link.drop()
        link = accepted(broker, session_present=True)
        take(link, b"late", dup=True, properties=properties)
        link.expect_goodbye()

    play("lifecycle_cases", script, CASE="lost_after_the_time_of_the_message")


@pytest.mark.parametrize("more", [0, 3])
def test_mqtt5_3_14_4_1_mqtt5_3_14_4_2_nothing_follows_a_disconnect(play, more):
    """No PUBACK of the function's own message, nor of `more` that wait; and the client closes the connection."""

    def script(broker):
        link = accepted(broker)
        link.accept_subscribe(filters=[("go", 1)])
        link.expect_packet("PUBLISH", payload=b"open")
        link.send(b"".join(mqtt5.publish("go", b"", 1, number) for number in range(1, 2 + more)))
        link.expect_packet("DISCONNECT", code=4)
        link.expect_end()

    play("lifecycle_cases", script, CASE="goodbye_in_a_function")
