"""Requests and their answers."""

import pytest
from harness import mqtt5


@pytest.mark.parametrize("qos", [0, 1, 2])
@pytest.mark.parametrize("script", ["requests_and_answers", "asking_tasks"])
def test_requests_and_answers(run_script, broker, script, qos):
    """request() and reply(): a client asks another one, at a real broker."""
    run_script(script, QOS=qos)


@pytest.fixture(params=["mqtt", "mqtt_aio"])
def spoil(play, request):
    return lambda case, script: play("request_cases", script, CASE=case, CLIENT=request.param)


def take_request(link, payload, qos=0):
    return link.expect_packet("PUBLISH", topic="ask", payload=payload, qos=qos)


def answer(link, payload):
    """Answers a request."""
    packet = take_request(link, payload)
    properties = packet.properties
    data = properties["correlation_data"]
    # An answer to another request is for nobody.
    link.send(mqtt5.publish(properties["response_topic"], b"no", correlation_data=bytes(len(data))))
    link.send(mqtt5.publish(properties["response_topic"], b"re " + payload, correlation_data=data))


def answer_one(link):
    """Answers a request, and lets the client go."""
    answer(link, b"two")
    link.expect_goodbye()


def test_a_suback_that_does_not_come(spoil):
    def script(broker):
        link = broker.accept()
        link.accept_connect()
        late = link.expect_packet("SUBSCRIBE")
        packet = link.expect_packet("SUBSCRIBE", filters=late.filters)
        link.send(mqtt5.suback(late.packet_id, 2) + mqtt5.suback(packet.packet_id, 2))
        answer_one(link)

    spoil("suback_that_does_not_come", script)


def test_answers_that_do_not_come(spoil):
    def script(broker):
        link = broker.accept()
        link.accept_connect()
        link.accept_subscribe(2)
        answer(link, b"one")
        for _ in range(17):
            take_request(link, b"mute")
        answer_one(link)

    spoil("answers_that_do_not_come", script)


def test_refusals(spoil):
    def script(broker):
        link = broker.accept()
        link.accept_connect()
        for _ in range(17):
            packet = link.expect_packet("SUBSCRIBE")
            link.send(mqtt5.suback(packet.packet_id, 0x87, reason_string="not here"))
        link.accept_subscribe(2)
        for _ in range(17):
            packet = take_request(link, b"x", qos=1)
            link.send(mqtt5.puback(packet.packet_id, 0x90, reason_string="nor there"))
        answer_one(link)

    spoil("refusals", script)


def test_a_connection_that_is_lost(spoil):
    def script(broker):
        for _ in range(17):
            link = broker.accept()
            link.accept_connect()
            link.accept_subscribe(2)
            take_request(link, b"lost")
            link.drop()
        link = broker.accept()
        link.accept_connect()
        link.accept_subscribe(2)
        answer_one(link)

    spoil("connection_that_is_lost", script)
