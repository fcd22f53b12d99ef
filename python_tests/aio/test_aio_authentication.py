"""Enhanced authentication of MQTT 5, with asyncio."""

import pytest
from harness import mqtt5
from harness.authentication import (
    ANEW,
    CONTINUE,
    accepted,
    ask_for_ever,
    challenge,
    expect_auth,
    given_up,
    never_ends,
    properties,
)
from harness.fake_broker import FakeBroker

METHOD = properties()


@pytest.fixture
def play(run_script):
    """Runs a case of the script against a broker that follows `script`."""

    def run(case, script):
        with FakeBroker(script, clients=["v5"]) as broker:
            run_script("authentication", PORT=broker.port, CASE=case)

    return run


def accept(link, data=b"x"):
    packet = link.expect_packet("CONNECT")
    assert packet.properties["authentication_data"] == data
    link.send(accepted())


def test_connect_and_reauthenticate(play):
    def script(broker):
        link = broker.accept()
        packet = link.expect_packet("CONNECT")
        assert packet.properties["authentication_data"] == b"first"
        link.send(challenge(b"1"), pieces=1)
        expect_auth(link, b"a")
        # Both at once: the broker does not wait for the first answer.
        link.send_quietly(challenge(b"2") + mqtt5.connack(**METHOD, authentication_data=b"end"))
        expect_auth(link, b"b")
        link.accept_subscribe()
        expect_auth(link, b"again", ANEW)
        link.send_quietly(mqtt5.publish("in", b"0", 1, 1) + challenge(b"3") + mqtt5.publish("in", b"1", 1, 2))
        open_ends = {"AUTH", "PUBLISH", "PUBACK 1", "PUBACK 2"}
        while open_ends:
            packet = link.next_packet()
            open_ends.remove(f"PUBACK {packet.packet_id}" if packet.kind == "PUBACK" else packet.kind)
            if packet.kind == "PUBLISH":
                link.send(mqtt5.puback(packet.packet_id))
            elif packet.kind == "AUTH":
                assert packet.code == CONTINUE and packet.properties == {**METHOD, "authentication_data": b"c"}
        link.send(mqtt5.auth(0, **METHOD, authentication_data=b"end"))
        link.expect_goodbye()

    play("connects", script)


def test_failures_to_connect(play):
    def script(broker):
        link = broker.accept()
        link.expect_packet("CONNECT")
        link.send(mqtt5.auth(CONTINUE, authentication_method="OTHER"))
        link.expect_packet("DISCONNECT", code=0x82)
        link.expect_end()
        for answered in (0, 1):
            given_up(broker, answered, b"2")
        link = broker.accept()
        link.expect_packet("CONNECT")
        link.send(challenge(b"1"))
        expect_auth(link, b"x")
        link.send(mqtt5.connack(False, 0x87))
        link.expect_end()

    play("fails_to_connect", script)


def test_brokers_that_do_not_come_to_an_end(play):
    play("in_vain", never_ends(b"x"))


def test_failures_to_reauthenticate(play):
    def script(broker):
        link = broker.accept()
        accept(link)
        expect_auth(link, b"x", ANEW)
        link.send(mqtt5.disconnect(0x87, reason_string="because"))
        link.expect_end()
        link = broker.accept()
        accept(link)
        link.expect_goodbye()
        for data, code in (
            (challenge(b"1"), 0x80),
            (mqtt5.auth(CONTINUE, authentication_method="OTHER"), 0x82),
        ):
            link = broker.accept()
            accept(link)
            expect_auth(link, b"x", ANEW)
            link.send(data)
            link.expect_packet("DISCONNECT", code=code)
            link.expect_end()
            link = broker.accept()
            accept(link)
            link.expect_goodbye()

    play("fails_to_reauthenticate", script)


def test_calls_that_are_given_up(play):
    def script(broker):
        for _ in range(2):
            link = broker.accept()
            accept(link)
            expect_auth(link, b"x", ANEW)
            packet = ask_for_ever(link)
            assert packet.code == 0x80
            link.expect_end()

    play("gives_up", script)


def test_a_call_that_sends_nothing_leaves_the_connection(play):
    def script(broker):
        link = broker.accept()
        link.accept_connect()
        link.expect_goodbye()
        link = broker.accept()
        accept(link)
        expect_auth(link, b"y", ANEW)
        link.expect(mqtt5.publish("second call"))
        link.send(mqtt5.auth())
        link.expect_goodbye()

    play("nothing_sent", script)
