"""set_version(): its arguments, and the bytes that the client sends."""

from harness import mqtt5, mqtt_packets
from harness.targets import EmulatedBoard

EVERY = {
    "session_expiry_interval": 3600,
    "receive_maximum": 20,
    "maximum_packet_size": 5000,
    "topic_alias_maximum": 4,
    "request_response_information": 1,
    "request_problem_information": 0,
    "user_property": [("first", "1"), ("first", "2"), ("\u00fc", "")],
    "authentication_method": "of ours",
    "authentication_data": b"\x00\xff",
}
WILL = {
    "will_delay_interval": 7,
    "payload_format_indicator": 1,
    "message_expiry_interval": 0,
    "content_type": "text/plain",
    "response_topic": "answers",
    "correlation_data": b"\x00",
    "user_property": [("a", "b")],
}


def test_bad_arguments_change_nothing(play):
    def script(broker):
        link = broker.accept()
        link.expect(mqtt5.connect("v5", True, 60, properties={"receive_maximum": 7}))
        link.send(mqtt5.connack())
        link.expect_goodbye()

    play("version_cases", script, CASE="bad_arguments")


def test_connect_has_the_very_bytes_of_its_properties(play):
    def script(broker):
        link = broker.accept()
        packet = link.accept_connect(
            client_id="v5",
            clean_session=True,
            keepalive=60,
            username="user",
            password=b"password",
            will=("will", b"gone", 1, True),
            properties=EVERY,
            will_properties=WILL,
        )
        # The client may put properties in any order.
        again = mqtt5.connect(
            "v5",
            True,
            60,
            "user",
            b"password",
            packet.will,
            properties=packet.properties,
            will_properties=packet.will_properties,
        )
        assert again == packet.raw
        link.expect_goodbye()

    play("version_cases", script, CASE="all_properties")


def test_defaults_of_connect(play, target):
    # A board has fewer places for QoS 2 messages than the broker may open by itself.
    places = {"receive_maximum": 1024 if isinstance(target, EmulatedBoard) else 16384}

    def script(broker):
        for clean, properties in ((True, {}), (False, {"session_expiry_interval": 0xFFFFFFFF})):
            link = broker.accept()
            link.accept_connect(clean_session=clean, properties={**properties, **places})
            link.expect_goodbye()
        link = broker.accept()
        link.accept_connect(clean_session=False, properties={"session_expiry_interval": 0, **places})
        link.expect_goodbye()

    play("version_cases", script, CASE="defaults")


def test_version_4_is_as_it_was_to_the_byte(play):
    def script(broker):
        link = broker.accept()
        link.expect_packet("CONNECT", properties=EVERY, will_properties={"will_delay_interval": 7})
        link.send(mqtt5.connack(server_keep_alive=99))
        link.expect_goodbye()
        for _ in range(2):
            link = broker.accept()
            link.expect(mqtt_packets.connect("v5", True, 60, will=("will", b"gone", 1, True)))
            link.send(mqtt_packets.connack())
            link.expect(mqtt_packets.subscribe(1, ("t", 1)))
            link.send(mqtt_packets.suback(1, 1))
            publish = link.expect_packet("PUBLISH", topic="t", payload=b"x", qos=1)
            link.send(mqtt_packets.puback(publish.packet_id))
            unsubscribe = link.expect_packet("UNSUBSCRIBE", filters=["t"])
            link.send(mqtt_packets.unsuback(unsubscribe.packet_id))
            link.expect_goodbye()

    play("version_cases", script, CASE="back_to_version_4")


def test_the_version_stays_while_connected(play):
    def script(broker):
        for module in (mqtt_packets, mqtt5):
            link = broker.accept()
            link.accept_connect()
            assert link.mqtt is module
            link.expect(module.publish("t", b"3.1.1" if module is mqtt_packets else b"5"))
            link.expect_goodbye()
        link = broker.accept()
        link.accept_connect()
        assert link.mqtt is mqtt_packets
        link.expect_goodbye()

    play("version_cases", script, CASE="not_while_connected")


def test_a_broker_of_mqtt_3_1_1_refuses_in_its_own_version(play):
    def script(broker):
        for code in (1, 3):
            link = broker.accept()
            link.expect_packet("CONNECT")
            link.send_quietly(mqtt_packets.connack(code=code))
            link.expect_end()
        link = broker.accept()
        link.accept_connect()
        assert link.version == 4
        link.expect_goodbye()

    play("version_cases", script, CASE="broker_of_version_4")
