"""The broker's side of enhanced authentication (section 4.12 of the standard of MQTT 5)."""

from . import mqtt5

METHOD = "SCRAM-TEST"
CONTINUE, ANEW = 0x18, 0x19


def properties(data=None, method=METHOD):
    """Those of a packet with this method and these data."""
    given = {} if method is None else {"authentication_method": method}
    return given if data is None else {**given, "authentication_data": data}


def challenge(data=None, method=METHOD):
    return mqtt5.auth(CONTINUE, **properties(data, method))


def accepted(data=None, method=METHOD):
    return mqtt5.connack(**properties(data, method))


def expect_auth(link, data=None, code=CONTINUE):
    """AUTH with the method and these data, and with no other property."""
    link.expect_packet("AUTH", code=code, properties=properties(data))


def given_up(broker, answered, data):
    """A connection that the client ends: it has answered so many challenges with `x`, and its function fails at the next one."""
    link = broker.accept()
    link.expect_packet("CONNECT")
    for _ in range(answered):
        link.send(challenge(data))
        expect_auth(link, b"x")
    link.send(challenge(data))
    link.expect_packet("DISCONNECT", code=0x80)
    link.expect_end()


def ask_for_ever(link):
    """Challenges until the client gives up: its DISCONNECT; None: it has ended the connection without."""
    while True:
        link.send_quietly(challenge(b"again"))
        packet = link.next_packet()
        if packet is None or packet.kind == "DISCONNECT":
            return packet
        assert packet.kind == "AUTH", packet


def never_ends(first):
    """A script for two connections: a broker that goes silent after the answer `first`, and one that asks for ever."""

    def script(broker):
        link = broker.accept()
        link.expect_packet("CONNECT")
        link.send(challenge(b"once"))
        expect_auth(link, first)
        link.expect_packet("DISCONNECT", code=0x80)
        link.expect_end()
        link = broker.accept()
        link.expect_packet("CONNECT")
        assert ask_for_ever(link).code == 0x80
        link.expect_end()

    return script
