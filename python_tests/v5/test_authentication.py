"""Enhanced authentication: set_authentication() and reauthenticate()."""

import hashlib
import hmac

import pytest
from harness import mqtt5
from harness.authentication import (
    ANEW,
    CONTINUE,
    METHOD,
    accepted,
    ask_for_ever,
    challenge,
    expect_auth,
    given_up,
    never_ends,
    properties,
)

PASSWORD = b"pencil"
NOT_ASKED = "authentication that the client did not ask for"
LATE = "no AUTH within command_timeout"


def expect_connect(link, data=None, **more):
    """CONNECT with the method and these data, and with no other property."""
    link.expect_packet("CONNECT", properties={**more, **properties(data)})


def prove(who, nonce):
    return hmac.digest(PASSWORD, who + b" " + nonce, hashlib.sha256)


def log_in(link, first, between=lambda: None):
    """The broker's side of an exchange in the manner of SCRAM: the data that prove it."""
    assert first.startswith(b"user "), first
    nonce = first[5:] + b" of both"
    link.send(challenge(nonce))
    between()
    expect_auth(link, prove(b"client", nonce))
    return b"proof " + prove(b"broker", first[5:] + b" of both")


def accept_login(link):
    packet = link.expect_packet("CONNECT")
    assert set(packet.properties) <= {"authentication_method", "authentication_data", "receive_maximum"}
    link.send(accepted(log_in(link, packet.properties["authentication_data"])))


def accept_login_again(link):
    packet = link.expect_packet("AUTH", code=ANEW)
    link.send(mqtt5.auth(**properties(log_in(link, packet.properties["authentication_data"]))))


def test_mqtt5_4_12_0_3_mqtt5_4_12_0_5_both_sides_prove_that_they_know_the_password(play):
    def script(broker):
        link = broker.accept()
        accept_login(link)
        acknowledge(link)
        link.expect_packet("DISCONNECT")
        link.expect_end()
        link = broker.accept()
        accept_login(link)
        acknowledge(link)
        accept_login_again(link)
        link.accept_subscribe()
        link.send(mqtt5.publish("again", b"", 1, 1))
        accept_login_again(link)
        link.expect(mqtt5.puback(1))
        link.expect_goodbye()
        link = broker.accept()
        accept_login(link)
        link.accept_subscribe()
        accept_login_again(link)
        link.expect_goodbye()

    play("authentication_cases", script, CASE="login")


def acknowledge(link):
    packet = link.expect_packet("PUBLISH")
    link.send(mqtt5.puback(packet.packet_id))


def test_mqtt5_3_15_2_2_mqtt5_3_15_2_3_an_auth_has_its_method_and_data_alone(play):
    """No Reason String and no User Property, in as many rounds as the broker likes."""
    rounds = [
        (None, b"bytes"),
        (b"1", "str \u00fc".encode()),
        (b"", b"array"),
        (b"\x00\xff", b"view"),
        (b"long " + b"y" * 1000, b""),
        (b"6", None),
        (b"7", b"x" * 300),
    ]

    def script(broker):
        link = broker.accept()
        packet = link.expect_packet("CONNECT")
        assert "authentication_data" not in packet.properties
        for number, (data, answer) in enumerate(rounds):
            more = {"reason_string": "because", "user_property": [("a", "b")]} if number % 2 else {}
            link.send(mqtt5.auth(CONTINUE, **properties(data), **more), pieces=number * 3 or None)
            expect_auth(link, answer)
        link.send(accepted())
        link.expect_goodbye()

    play("authentication_cases", script, CASE="rounds")


def test_first_data_of_set_version(play):
    def script(broker):
        for first, maximum in ((b"first", 7), (b"first", 7), (b"mine", 8)):
            link = broker.accept()
            expect_connect(link, first, receive_maximum=maximum)
            link.send(challenge(b"challenge"))
            link.expect_packet("AUTH", code=CONTINUE)
            link.send(accepted())
            link.expect_goodbye()

    play("authentication_cases", script, CASE="first_data")


def test_mqtt5_4_12_0_7_a_client_without_a_method_sends_no_auth(play):
    def script(broker):
        for _ in range(5):
            link = broker.accept()
            packet = link.accept_connect()
            assert "authentication_method" not in packet.properties
            link.expect_goodbye()

    play("authentication_cases", script, CASE="arguments")


def test_refusals(play):
    def script(broker):
        link = broker.accept()
        link.expect_packet("CONNECT")
        link.send(mqtt5.connack(False, 0x8C))
        link.expect_end()
        for more in ({}, properties(b"no")):
            link = broker.accept()
            link.expect_packet("CONNECT")
            link.send(challenge(b"x"))
            expect_auth(link, b"1")
            link.send(mqtt5.connack(False, 0x87, **more))
            link.expect_end()

    play("authentication_cases", script, CASE="refused")


# Bytes of the broker that end an attempt: the exception, its text, get_return_code(), and the code of the DISCONNECT.
FAULTS = {
    "another method": (challenge(b"x", "OTHER"), "MQTTException", NOT_ASKED, -1, 0x82),
    "beginning of the method": (challenge(b"x", METHOD[:-1]), "MQTTException", NOT_ASKED, -1, 0x82),
    "no method": (mqtt5.auth(CONTINUE), "MQTTException", "", -1, 0x82),
    "success": (mqtt5.auth(), "MQTTException", NOT_ASKED, -1, 0x82),
    "success with a method": (mqtt5.auth(0, **properties(b"x")), "MQTTException", NOT_ASKED, -1, 0x82),
    "the client's code": (mqtt5.auth(ANEW, **properties(b"x")), "MQTTException", "", -1, 0x81),
    "CONNACK with another method": (accepted(None, "OTHER"), "MQTTException", NOT_ASKED, 0, 0x82),
    "CONNACK without a method": (accepted(None, None), "MQTTException", NOT_ASKED, 0, 0x82),
    "a wrong proof": (accepted(b"proof of nothing"), "ValueError", "the broker does not know the password", 0, 0x80),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults_of_the_broker_while_connecting(play, name):
    data, kind, text, code, goodbye = FAULTS[name]

    def script(broker):
        link = broker.accept()
        link.expect_packet("CONNECT")
        link.send_quietly(data)
        link.expect_packet("DISCONNECT", code=goodbye)
        link.expect_end()
        link = broker.accept()
        link.accept_connect()
        link.expect_goodbye()

    play("authentication_cases", script, CASE="fails_to_connect", KIND=kind, TEXT=text, RETURN_CODE=code)


def test_auth_for_a_client_without_a_function(play):
    def script(broker):
        link = broker.accept()
        packet = link.expect_packet("CONNECT")
        assert packet.properties["authentication_data"] == b"first"
        link.send(challenge(b"x"))
        link.expect_end()

    play("authentication_cases", script, CASE="without_function")


@pytest.mark.parametrize("with_method", [True, False])
def test_auth_that_no_call_has_asked_for(play, with_method):
    def script(broker):
        link = broker.accept()
        link.expect_packet("CONNECT")
        link.send(accepted() if with_method else mqtt5.connack())
        link.expect(mqtt5.publish("go"))
        link.send(challenge(b"x"))
        link.expect_packet("DISCONNECT", code=0x82)
        link.expect_end()

    play("authentication_cases", script, CASE="not_asked", CLIENT_METHOD=METHOD if with_method else None, TEXT=NOT_ASKED)


def test_functions_that_raise(play):
    def script(broker):
        for answered in (0, 1):
            for _ in range(3):
                given_up(broker, answered, b"c")
        link = broker.accept()
        link.expect_packet("CONNECT")
        link.send(challenge(b"c"))
        expect_auth(link, b"x")
        link.send(accepted())
        link.expect_goodbye()

    play("authentication_cases", script, CASE="raises")


def test_brokers_that_do_not_come_to_an_end(play):
    play("authentication_cases", never_ends(b"once"), CASE="in_vain")


def test_mqtt5_3_1_2_30_nothing_else_leaves_before_the_connack(play):
    def script(broker):
        link = broker.accept()
        link.expect_packet("CONNECT")
        for data in (b"1", b"2"):
            link.send(challenge(data))
            # The program tries to publish, and the keep-alive is over.
            expect_auth(link, data)
        link.send(accepted())
        link.accept_subscribe(filters=[("later", 1)])
        for packet in link.until_goodbye():
            assert packet.kind == "PINGREQ"
            link.send(mqtt5.pingresp())

    play("authentication_cases", script, CASE="silence")


def test_mqtt5_4_12_1_1_messages_flow_while_the_client_authenticates_again(play):
    def script(broker):
        link = broker.accept()
        accept_login(link)
        link.accept_subscribe()
        # The function publishes before each of its answers.
        acknowledge(link)
        first = link.expect_packet("AUTH", code=ANEW).properties["authentication_data"]
        assert first.startswith(b"user ")
        send(link, 0)
        nonce = first[5:] + b" of both"
        link.send_quietly(mqtt5.publish("in", b"1", 1, 1) + challenge(nonce) + mqtt5.publish("in", b"2", 2, 2))
        answered = False
        while not answered:
            packet = link.next_packet()
            if packet.kind == "AUTH":
                assert packet.code == CONTINUE and packet.properties == properties(prove(b"client", nonce))
                answered = True
            else:
                answer(link, packet)
        link.send(mqtt5.auth(**properties(b"proof " + prove(b"broker", nonce))) + mqtt5.publish("in", b"3"))
        for packet in link.until_goodbye():
            answer(link, packet)

    play("authentication_cases", script, CASE="messages_flow")


def send(link, number):
    link.send(mqtt5.publish("in", b"%d" % number))


def answer(link, packet):
    """The next step of the handshake of a message."""
    if packet.kind == "PUBLISH":
        link.send(mqtt5.puback(packet.packet_id) if packet.qos == 1 else mqtt5.pubrec(packet.packet_id))
    elif packet.kind == "PUBREL":
        link.send(mqtt5.pubcomp(packet.packet_id))
    elif packet.kind == "PUBREC":
        link.send(mqtt5.pubrel(packet.packet_id))
    else:
        assert packet.kind in ("PUBACK", "PUBCOMP"), packet


def test_one_authentication_at_a_time(play):
    def script(broker):
        link = broker.accept()
        link.expect_packet("CONNECT")
        link.send(accepted())
        expect_auth(link, None, ANEW)
        link.send(challenge(b"x"))
        expect_auth(link, b"x")
        # A success need not have properties.
        link.send(mqtt5.auth())
        acknowledge(link)
        link.expect_goodbye()

    play("authentication_cases", script, CASE="threads")


def test_a_call_that_sends_nothing_leaves_the_connection(play):
    def script(broker):
        link = broker.accept()
        link.expect_packet("CONNECT")
        link.send(mqtt5.connack(maximum_packet_size=100, authentication_method=METHOD))
        expect_auth(link, b"short", ANEW)
        link.send(mqtt5.auth(**properties()))
        link.expect_goodbye()

    play("authentication_cases", script, CASE="nothing_sent")


def closes(link):
    link.drop()


def sends(*packets):
    def act(link):
        link.send(b"".join(packets))

    return act


def waits(_link):
    pass


def asks_without_waiting(link):
    link.send(b"".join(challenge(b"%d" % number) for number in range(3)))
    # The DISCONNECT leaves if nothing else is being written at that moment.
    while (packet := link.next_packet()) is not None:
        assert packet.kind == "AUTH" or (packet.kind, packet.code) == ("DISCONNECT", 0x82)


# The broker's answer to AUTH, the code of the client's DISCONNECT, if there is one; the exception, the code of
# `failure`, their text; the answers of the function.
FAILURES = {
    "the broker refuses": (
        sends(mqtt5.disconnect(0x87, reason_string="because")),
        None,
        "MQTTException",
        0x87,
        "Not authorized: because",
        [],
    ),
    "another method": (sends(challenge(b"x", "OTHER")), 0x82, "OSError", None, NOT_ASKED, []),
    "success with another method": (sends(mqtt5.auth(0, **properties(None, "OTHER"))), 0x82, "OSError", None, NOT_ASKED, []),
    "more challenges than answers": (
        asks_without_waiting,
        None,
        "OSError",
        None,
        NOT_ASKED,
        ["wait"],
    ),
    "a function that raises": (sends(challenge(b"x")), 0x80, "KeyError", "no key", "no key", ["raise"]),
    "a function that raises at the end": (
        sends(mqtt5.auth(0, **properties(b"x"))),
        0x80,
        "KeyError",
        "no key",
        "no key",
        ["raise"],
    ),
    "a wrong result": (sends(challenge(b"x")), 0x80, "TypeError", None, "authentication_data", [1.5]),
    "no answer": (waits, 0x80, "OSError", None, LATE, []),
    "no end": (ask_for_ever, 0x80, "OSError", None, LATE, [b"x"]),
    "the end": (closes, None, "OSError", None, "the broker closed the connection", []),
}


@pytest.mark.parametrize("name", FAILURES)
def test_mqtt5_4_12_1_2_a_failure_to_authenticate_again_ends_the_connection(play, name):
    act, goodbye, kind, code, text, answers = FAILURES[name]

    def script(broker):
        link = broker.accept()
        link.expect_packet("CONNECT")
        link.send(accepted())
        expect_auth(link, None, ANEW)
        packet = act(link)
        if goodbye and packet is None:
            for packet in link.until_goodbye():
                assert packet.kind == "AUTH"
            assert link.packets[-1].code == goodbye
        if name != "the end":
            link.expect_end()

    # Without a loop, no other context reads while the client's AUTH is being written: the DISCONNECT can leave then.
    case = {"KIND": kind, "CODE": code, "TEXT": text, "ANSWERS": answers, "LOOP": "another method" not in name}
    play("authentication_cases", script, CASE="fails_to_reauthenticate", **case)
