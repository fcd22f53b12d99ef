"""Sessions that outlive the power: save(), restore(), set_store()."""

import pytest
from harness import mqtt5, mqtt_packets
from harness.fake_broker import FakeBroker
from harness.obliging import ObligingBroker, oblige


class KeepingBroker:
    """Answers as a broker that keeps the session; for a message on `send` it sends one on `in` at QoS 2, and
    again, until PUBREC has come."""

    def __init__(self):
        self.connections = 0
        self.unreceived = set()
        self.next_id = 0

    def __call__(self, packet):
        if packet.kind == "CONNECT":
            self.connections += 1
            again = [self.message(packet_id, True) for packet_id in sorted(self.unreceived)]
            return mqtt_packets.connack(session_present=self.connections > 1) + b"".join(again)
        if packet.kind == "PUBLISH" and packet.topic == "send":
            self.next_id += 1
            self.unreceived.add(self.next_id)
            return (oblige(packet) or b"") + self.message(self.next_id)
        if packet.kind == "PUBREC":
            self.unreceived.discard(packet.packet_id)
        return oblige(packet)

    def message(self, packet_id, dup=False):
        return mqtt_packets.publish("in", b"%d" % packet_id, qos=2, packet_id=packet_id, dup=dup)


@pytest.mark.smoke
def test_a_session_moves_to_another_client(run_script):
    with ObligingBroker(KeepingBroker()) as broker:
        run_script("saving", HOST=broker.host, PORT=broker.port)
    assert len(broker.of_kind("SUBSCRIBE")) == 1
    out = [packet.payload for packet in broker.of_kind("PUBLISH") if packet.topic == "out"]
    assert out == [b"hello", b"waits", b"end"]


@pytest.mark.parametrize("loop", [True, False])
def test_a_store_that_fails(run_script, loop):
    with ObligingBroker(KeepingBroker()) as broker:
        run_script("store_that_fails", HOST=broker.host, PORT=broker.port, LOOP=loop)
    sent = [packet.payload for packet in broker.of_kind("PUBLISH")]
    assert sent == [b"sent", b"last"]


def test_a_store_that_fails_in_the_loop(run_script):
    with ObligingBroker(KeepingBroker()) as broker:
        run_script("store_that_fails_in_the_loop", HOST=broker.host, PORT=broker.port)
    first, second = broker.conversations
    assert "PUBREC" not in [packet.kind for packet in first]
    assert "PUBREC" in [packet.kind for packet in second]


def test_a_session_of_a_client_for_asyncio(run_script):
    run_script("restored_in_asyncio")


# The properties of the messages that are on their way when the power fails.
PLAIN = {"content_type": "text/plain"}
ALL = {
    "payload_format_indicator": 1,
    "message_expiry_interval": 600,
    "content_type": "text/plain",
    "response_topic": "lamp/answer",
    "correlation_data": b"\x00\x01",
    "user_property": [("site", "north"), ("site", "south")],
}
# No Local, Retain As Published, Retain Handling 1, QoS 1.
OPTIONS = 0x04 | 0x08 | 0x10 | 1


def expect_messages(link):
    for properties in (PLAIN, PLAIN, ALL):
        packet = link.expect_packet("PUBLISH", topic="kitchen/lamp/state", dup=False, properties=properties)
        link.send(mqtt5.puback(packet.packet_id))


def expect_subscribe(link, number, options=OPTIONS):
    packet = link.expect_packet("SUBSCRIBE", properties={"subscription_identifier": [number]})
    assert [qos for _, qos in packet.filters] == [options]
    link.send(mqtt5.suback(packet.packet_id, 1))


def begin(broker, session_present):
    link = broker.accept()
    connect = link.expect_packet("CONNECT", clean_session=False)
    assert connect.properties["session_expiry_interval"] == 3600
    link.send(mqtt5.connack(session_present))
    return link


def end(link):
    packet = link.expect_packet("PUBLISH", topic="end")
    link.send(mqtt5.puback(packet.packet_id))
    link.expect_goodbye()


def test_properties_and_options_of_mqtt_5(run_script):
    def script(broker):
        link = begin(broker, False)
        for number in (1, 2, 3):
            expect_subscribe(link, number)
        link.expect_goodbye()
        link = begin(broker, True)
        expect_messages(link)
        # Of all the calls, the one with other options.
        expect_subscribe(link, 1, 1)
        end(link)
        link = begin(broker, False)
        expect_messages(link)
        for number in (1, 2, 3):
            expect_subscribe(link, number)
        end(link)

    with FakeBroker(script, clients=["device"]) as broker:
        run_script("saving_5", PORT=broker.port)
