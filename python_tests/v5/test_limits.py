"""The limits that the broker's CONNACK sets."""

import pytest
from harness import mqtt5

COUNT = 12


def told(broker, **properties):
    """A connection to a broker that tells these properties."""
    link = broker.accept()
    link.accept_connect(told=properties)
    return link


@pytest.mark.parametrize("most", [1, 3])
def test_receive_maximum(play, most):
    """[MQTT5-3.3.4-7] The window fills, and stays as it is until the broker answers."""

    def script(broker):
        link = told(broker, receive_maximum=most)
        taken = []
        while len(taken) < COUNT:
            flight = [link.expect_packet("PUBLISH") for _ in range(min(most, COUNT - len(taken)))]
            link.expect_silence(0.1)
            # A PUBREC gives no place back: the end of the handshake does.
            for packet in flight:
                if packet.qos == 2:
                    link.send(mqtt5.pubrec(packet.packet_id))
                    link.expect(mqtt5.pubrel(packet.packet_id))
            answers = {1: mqtt5.puback, 2: mqtt5.pubcomp}
            link.send(b"".join(answers[packet.qos](packet.packet_id) for packet in flight))
            taken += [int(packet.payload) for packet in flight]
        assert taken == list(range(COUNT))
        for qos in (1, 2):
            link.acknowledge(link.expect_packet("PUBLISH", topic="refused", qos=qos), 0x97)
        link.acknowledge(link.expect_packet("PUBLISH", topic="end"))
        link.expect_goodbye()

    play("limit_cases", script, CASE="many_messages", COUNT=COUNT)


def test_mqtt5_3_14_2_3_mqtt5_3_14_2_4_no_packet_is_longer_than_the_broker_takes(play):
    def script(broker):
        link = told(broker, maximum_packet_size=60)
        packets = []
        while (packet := link.next_packet()).kind != "DISCONNECT":
            assert len(packet.raw) <= 60
            packets.append((packet.kind, len(packet.raw)))
            if packet.kind != "PUBLISH":
                link.oblige(packet)
            elif packet.qos:
                link.acknowledge(packet)
        longest = [*[("PUBLISH", 60)] * 3, ("SUBSCRIBE", 60), ("UNSUBSCRIBE", 60)]
        assert packets[:5] == longest and len(packets) == 6
        assert len(packet.raw) == 60
        link.expect_end()
        link = told(broker)
        # The client renews its subscription.
        link.accept_subscribe()
        packet = link.expect_packet("PUBLISH")
        assert len(packet.raw) == 63
        link.acknowledge(packet)
        link.expect_goodbye()

    play("limit_cases", script, CASE="packet_size")


def test_features_that_the_broker_lacks(play):
    def script(broker):
        link = told(
            broker,
            maximum_qos=1,
            retain_available=0,
            wildcard_subscription_available=0,
            subscription_identifiers_available=0,
            shared_subscription_available=0,
        )
        link.acknowledge(link.expect_packet("PUBLISH", topic="t", qos=1, retain=False))
        link.accept_subscribe(filters=[("t", 2)])
        link.acknowledge(link.expect_packet("PUBLISH", topic="end"))
        link.expect_goodbye()

    play("limit_cases", script, CASE="features")


@pytest.mark.parametrize("has_session", [True, False])
def test_mqtt5_3_2_2_11_mqtt5_3_2_2_14_mqtt5_3_2_2_15_limits_that_shrink(play, has_session):
    """The client gives up the messages and filters that the next connection does not allow, and keeps the others."""

    def script(broker):
        link = told(broker)
        for _ in range(3):
            link.accept_subscribe()
        for _ in range(4):
            link.expect_packet("PUBLISH")
        link.reset()
        link = broker.accept()
        limits = {"maximum_packet_size": 60, "maximum_qos": 1, "retain_available": 0}
        link.accept_connect(has_session, told=limits | {"wildcard_subscription_available": 0})
        filters, messages = [], []
        for packet in link.until_goodbye():
            if packet.kind == "SUBSCRIBE":
                filters += packet.filters
                link.oblige(packet)
            else:
                messages.append((packet.payload, packet.qos, packet.dup))
                link.acknowledge(packet)
        assert filters == ([] if has_session else [("plain", 0)])
        assert messages == [(b"kept", 1, has_session), (b"queued", 1, False)]

    lines = play("limit_cases", script, CASE="limits_that_shrink")
    refused = [line.rpartition(" ")[2] for line in lines if line.startswith("mqtt: the broker refused the subscription")]
    assert refused == ([] if has_session else ["wild/+", "l" * 60])


def test_keep_alive_of_the_broker(play):
    """[MQTT5-3.1.2-21]"""

    def script(broker):
        link = told(broker, server_keep_alive=1)
        link.accept_subscribe()
        link.expect_packet("PINGREQ")
        link.send(mqtt5.pingresp() + mqtt5.publish("pinged"))
        for packet in link.until_goodbye():
            assert packet.kind == "PINGREQ"

    play("limit_cases", script, CASE="keep_alive_of_the_broker")
