"""The client against a broker that follows a script, byte for byte."""

import time
import zlib

import pytest
from harness import mqtt_packets as mqtt
from harness.fake_broker import FakeBroker
from harness.lateness import Lateness
from harness.link import ScriptFailure
from harness.targets import Unix

TIMEOUT = 40
# Where the encoding of the remaining length gets longer.
LENGTHS = (127, 128, 16383, 16384, 2097151, 2097152)


@pytest.fixture
def play(run_script):
    """Runs a case of protocol_cases.py against a script; returns the client's output."""

    def run(case, script, timeout=TIMEOUT, clients=("id",), **defines):
        with FakeBroker(script, clients=clients) as broker:
            return run_script("protocol_cases", timeout, PORT=broker.port, CASE=case, **defines)

    return run


def take_publish(link, within=None, **fields):
    packet = link.expect_packet("PUBLISH", within, **fields)
    link.acknowledge(packet)
    return packet


# ---- CONNECT and DISCONNECT

def settings(longest):
    """Rows of client id, clean session, keep alive, user, password, will."""
    return [
        ("", True, 0, None, None, None),
        ("id", True, 0, None, None, None),
        ("id", False, 0, None, None, None),
        ("id", True, 1, None, None, None),
        ("id", True, 60, None, None, None),
        ("id", True, 256, None, None, None),
        ("id", True, 65535, None, None, None),
        ("a" * 23, True, 60, None, None, None),
        ("a" * 24, True, 60, None, None, None),
        ("a" * longest, True, 60, None, None, None),
        ("h\u00e9-\u4f60-\U0001f600", True, 60, None, None, None),
        ("id", True, 60, "user", "password", None),
        ("id", True, 60, "user", "", None),
        ("id", True, 60, "user", None, None),
        ("id", True, 60, "", "", None),
        ("id", True, 60, "\u00fcser", "p\u00e4ss", None),
        ("id", True, 60, "user", b"\x00\xff\x80", None),
        ("id", True, 60, "u" * longest, b"p" * longest, None),
        ("id", True, 60, None, None, ("will/topic", b"payload", 0, False)),
        ("id", True, 60, None, None, ("will/topic", b"payload", 0, True)),
        ("id", True, 60, None, None, ("will/topic", b"payload", 1, False)),
        ("id", True, 60, None, None, ("will/topic", b"payload", 2, True)),
        ("id", True, 60, None, None, ("w", b"", 1, True)),
        ("id", True, 60, None, None, ("w", "str\u00e9", 1, True)),
        ("id", True, 60, None, None, ("w" * longest, b"\x00" * longest, 2, False)),
        ("id", False, 65535, "user", b"password", ("will", b"\xff\x00", 2, True)),
        ("", True, 1, "user", b"password", ("will", b"x", 1, False)),
    ]


def test_mqtt_3_1_0_1_connect_has_the_very_bytes_of_its_settings(play, largest):
    # All of them go to the target as source text.
    rows = settings(min(65535, largest // 32))

    def script(broker):
        for client_id, clean, keepalive, username, password, will in rows:
            if username is not None and password is None:
                password = ""  # The default.
            if will is not None:
                topic, payload, qos, retain = will
                will = (topic, payload, qos, retain)
            link = broker.accept()
            link.expect(mqtt.connect(client_id, clean, keepalive, username, password, will))
            link.send(mqtt.connack())
            link.expect_goodbye()

    play("connect_settings", script, clients={row[0] for row in rows}, SETTINGS=rows)


def test_settings_can_be_removed(play):
    def script(broker):
        link = broker.accept()
        link.expect(mqtt.connect("id", username="user", password="password", will=("will", b"gone", 1, True)))
        link.send(mqtt.connack())
        link.expect_goodbye()
        link = broker.accept()
        link.expect(mqtt.connect("id"))
        link.send(mqtt.connack())
        link.expect_goodbye()

    play("settings_taken_back", script)


def test_mqtt_3_14_4_2_nothing_follows_disconnect(play):
    def script(broker):
        for _ in range(20):
            link = broker.accept()
            link.accept_connect()
            link.accept_subscribe()
            link.expect(mqtt.publish("t", b"x"))
            # To be acknowledged while the client says goodbye, or not at all.
            data = b"".join(mqtt.publish("t", b"y", 1 + i % 2, i + 1) for i in range(200))
            link.send_quietly(data)
            kinds = []
            while (packet := link.next_packet()) is not None:
                kinds.append(packet.kind)
            assert kinds[-1:] == ["DISCONNECT"], kinds[-3:]
            assert kinds.count("DISCONNECT") == 1

    play("last_words", script)


# ---- PUBLISH


@pytest.mark.parametrize("qos", [0, 1, 2])
@pytest.mark.parametrize("topic", ["t", "a/topic/of/more/levels/\u00e9"], ids=["short", "long"])
def test_publish_of_boundary_sizes(play, qos, topic, largest):
    lengths = [length for length in LENGTHS if length <= largest]

    def script(broker):
        link = broker.accept()
        link.accept_connect()
        for packet_id, length in enumerate(lengths, 1):
            size = length - 2 - len(topic.encode()) - (2 if qos else 0)
            data = mqtt.publish(topic, bytes([length & 255]) * size, qos, packet_id if qos else None)
            assert mqtt.split_fixed_header(data)[1] == length
            link.expect(data)
            if qos == 1:
                link.send(mqtt.puback(packet_id))
            elif qos == 2:
                link.send(mqtt.pubrec(packet_id))
                link.expect(mqtt.pubrel(packet_id))
                link.send(mqtt.pubcomp(packet_id))
        link.expect_goodbye()

    size = len(topic.encode())
    # The script counts in bytes, too.
    play("publish_sizes", script, LENGTHS=lengths, QOSES=[qos], TOPIC=topic.encode() if size != len(topic) else topic)


def test_mqtt_4_7_3_3_topics_of_boundary_sizes(play, largest):
    sizes = (1, 2, 122, 123, 124, 125, 126, 127, 128, 255, 256, 16000, 16380, 16384, 65534, 65535)
    sizes = [size for size in sizes if size <= largest]

    def script(broker):
        link = broker.accept()
        link.accept_connect()
        packet_id = 0
        for size in sizes:
            packet_id += 1
            link.expect(mqtt.publish("t" * size, b"p", 1, packet_id))
            link.send(mqtt.puback(packet_id))
            packet_id += 1
            link.expect(mqtt.subscribe(packet_id, ("t" * size, 1)))
            link.send(mqtt.suback(packet_id, 1))
            packet_id += 1
            link.expect(mqtt.unsubscribe(packet_id, "t" * size))
            link.send(mqtt.unsuback(packet_id))
        link.expect_goodbye()

    play("topic_sizes", script, SIZES=sizes)


def test_payloads_of_every_kind(play):
    payloads = (b"bytes", b"str", b"array", b"ie", b"", b"", b"", "\u00e9\u4f60\U0001f600".encode())

    def script(broker):
        link = broker.accept()
        link.accept_connect()
        for payload in payloads:
            for retain in (False, True):
                link.expect(mqtt.publish("t/\u00e9", payload, retain=retain))
        link.expect(mqtt.publish("t"))
        link.expect(mqtt.publish("bytes/topic", b"x"))
        link.expect_goodbye()

    play("payload_kinds", script)


# ---- streams in pieces


def rounds(count):
    """The client identifiers of the case `receive_all`."""
    return [f"round{number}" for number in range(count)]


PIECES = {
    "whole": None,
    "single bytes": 1,
    "twos": 2,
    "threes": 3,
    "sevens": 7,
    "odd": [1, 2, 1, 3, 5, 2, 8, 1, 13, 21, 1, 1, 34, 55, 1, 89, 2, 144, 1, 233, 377, 610, 1, 987, 1597, 1],
    "around the buffer": [16383, 1, 1, 16384, 16385, 16382],
}


def test_streams_in_pieces(play):
    """Every packet that a broker sends, cut up in every way, and many in one segment."""
    payloads = [b"", b"x", b"y" * 122, b"z" * 123, bytes(range(256)), b"q" * 1000]
    messages = []
    for i, payload in enumerate(payloads * 3):
        messages.append((f"t/{i}" if i % 2 else "t", payload, i % 3))
    messages += [("long/" + "x" * 300, b"after a long topic", 1), ("\u00e9" * 100, b"utf-8", 2)]
    crc = 0
    for topic, payload, _ in messages:
        crc = zlib.crc32(payload, zlib.crc32(topic.encode(), crc))

    def script(broker):
        for pieces in PIECES.values():
            link = broker.accept()
            link.expect_packet("CONNECT")
            link.send(mqtt.connack(), pieces)
            packet = link.expect_packet("SUBSCRIBE")
            stream = mqtt.suback(packet.packet_id, 2)
            expected = []
            for i, (topic, payload, qos) in enumerate(messages, 1):
                stream += mqtt.publish(topic, payload, qos, i if qos else None, retain=i % 5 == 0)
                if qos == 1:
                    expected.append(("PUBACK", i))
                elif qos == 2:
                    # The PUBREL may come without a wait for PUBREC only if it is for another.
                    expected.append(("PUBREC", i))
                stream += mqtt.pingresp()
                # For nothing: to be ignored.
                stream += mqtt.puback(i + 1000) + mqtt.pubcomp(i + 1000) + mqtt.unsuback(i + 1000)
            link.send_quietly(b"") if pieces is None else None
            send_in_pieces(link, stream, pieces)
            got = []
            while True:
                packet = link.next_packet()
                if packet.kind == "PUBLISH":
                    break
                got.append((packet.kind, packet.packet_id))
            assert got == expected
            rel = b"".join(mqtt.pubrel(i) for kind, i in expected if kind == "PUBREC")
            send_in_pieces(link, rel + mqtt.puback(packet.packet_id), pieces)
            for kind, i in expected:
                if kind == "PUBREC":
                    link.expect(mqtt.pubcomp(i))
            link.expect_goodbye()

    def send_in_pieces(link, data, pieces):
        sizes = [pieces] * len(data) if isinstance(pieces, int) else list(pieces or [])
        at = 0
        while at < len(data):
            size = sizes.pop(0) if sizes else len(data)
            link.send_quietly(data[at : at + size])
            at += size

    lines = play("receive_all", script, clients=rounds(len(PIECES)), COUNT=len(messages), ROUNDS=len(PIECES))
    assert lines == [str(crc)] * len(PIECES)


@pytest.mark.parametrize("pieces", [None, 65536, 1000, 16384, 16385], ids=str)
def test_large_messages_in_pieces(play, pieces, largest):
    sizes = [16383, 16384, 16385, 32768, 2097152 // 8, 16000, 400000]
    # There may be the memory for more than one at a time.
    sizes = [size for size in sizes if size <= largest // 2 or largest > 1 << 20]
    payloads = [bytes(i * 7 + size & 255 for i in range(256)) * (size // 256) + b"e" * (size % 256) for size in sizes]
    crc = 0
    for payload in payloads:
        crc = zlib.crc32(payload, zlib.crc32(b"large", crc))

    def script(broker):
        link = broker.accept()
        link.accept_connect()
        link.accept_subscribe()
        stream = b"".join(mqtt.publish("large", payload, 1, i) for i, payload in enumerate(payloads, 1))
        for at in range(0, len(stream), pieces or len(stream)):
            link.send_quietly(stream[at : at + (pieces or len(stream))])
        for i in range(1, len(payloads) + 1):
            link.expect(mqtt.puback(i))
        take_publish(link, topic="done")
        link.expect_goodbye()

    lines = play("receive_all", script, clients=rounds(1), COUNT=len(payloads), ROUNDS=1)
    assert lines == [str(crc)]


# ---- SUBACK


def test_mqtt_3_8_4_1_a_refused_subscription_raises_and_registers_nothing(play):
    def script(broker):
        link = broker.accept()
        link.accept_connect()
        link.accept_subscribe(0x80, filters=[("refused", 1)])
        packet = take_publish(link, topic="now")
        link.send(mqtt.publish("refused", b"x"))
        link.accept_subscribe(filters=[("end", 0)])
        link.send(mqtt.publish("end", b""))
        link.expect_goodbye()
        link = broker.accept()
        link.accept_connect()
        link.accept_subscribe(filters=[("end", 0)])
        packet = take_publish(link, topic="now")
        assert packet.qos == 1
        link.expect_goodbye()

    play("suback_refusal", script)


def test_a_refused_replacement_keeps_the_old_function(play):
    def script(broker):
        link = broker.accept()
        link.accept_connect()
        link.accept_subscribe(filters=[("t", 0)])
        link.accept_subscribe(0x80, filters=[("t", 2)])
        take_publish(link, topic="now")
        link.send(mqtt.publish("t", b"x"))
        link.expect_goodbye()

    play("suback_refusal_of_a_replacement", script)


def test_a_refusal_without_a_caller_goes_to_the_console(play):
    def script(broker):
        link = broker.accept()
        link.accept_connect()
        link.accept_subscribe(0x80, filters=[("refused", 1)])
        link.accept_subscribe(filters=[("granted", 1)])
        link.send(mqtt.publish("refused", b"x") + mqtt.publish("granted", b"x"))
        link.expect_goodbye()

    (line,) = play("suback_refusal_on_reconnection", script)
    assert "refused" in line


@pytest.mark.parametrize("granted", [0, 1, 2])
def test_subscribe_waits_for_its_own_suback(play, granted):
    """Answers to other identifiers, and other answers to its own, are no answers."""

    def script(broker):
        link = broker.accept()
        link.accept_connect()
        packet = link.expect_packet("SUBSCRIBE", filters=[("t", 1)])
        wrong = mqtt.suback(packet.packet_id + 1, 0x80) + mqtt.suback(0xFFFF, 0) + mqtt.unsuback(packet.packet_id)
        link.send(wrong + mqtt.puback(packet.packet_id) + mqtt.pubcomp(packet.packet_id) + mqtt.pingresp())
        link.expect_silence(0.15)
        link.send(mqtt.suback(packet.packet_id, granted))
        packet = link.expect_packet("UNSUBSCRIBE", filters=["t"])
        link.send(mqtt.suback(packet.packet_id, 0) + mqtt.puback(packet.packet_id) + mqtt.unsuback(7777))
        link.expect_silence(0.15)
        link.send(mqtt.unsuback(packet.packet_id))
        link.expect_goodbye()

    play("subscribe_waits_for_its_own_suback", script)


def test_a_message_may_overtake_its_suback(play):
    def script(broker):
        link = broker.accept()
        link.accept_connect()
        packet = link.expect_packet("SUBSCRIBE")
        link.send(mqtt.publish("retained/1", b"early", 1, 77, retain=True))
        link.expect(mqtt.puback(77))
        link.send(mqtt.suback(packet.packet_id, 1))
        link.expect_goodbye()

    play("overtaking_message", script)


def test_without_a_loop_the_waiting_caller_reads(play):
    def script(broker):
        link = broker.accept()
        link.accept_connect()
        link.accept_subscribe()
        packet = link.expect_packet("PUBLISH", topic="go", qos=2)
        link.send(mqtt.publish("t", b"0") + mqtt.publish("t", b"1", 1, 5) + mqtt.pubrec(packet.packet_id))
        rest = {link.next_packet().raw for _ in range(2)}
        assert rest == {mqtt.puback(5), mqtt.pubrel(packet.packet_id)}
        link.send(mqtt.publish("t", b"2", 2, 6) + mqtt.pubcomp(packet.packet_id))
        link.expect(mqtt.pubrec(6))
        link.expect_goodbye()

    play("without_loop", script)


# ---- acknowledgements that nobody expects


def test_mqtt_4_3_3_2_unknown_packets_of_qos_2(play):
    """PUBREL for nothing gets its PUBCOMP, PUBREC for nothing its PUBREL, the rest is ignored."""

    def script(broker):
        link = broker.accept()
        link.accept_connect()
        link.accept_subscribe()
        link.accept_subscribe()
        for packet_id in (1, 300, 65535):
            link.send(mqtt.pubrel(packet_id))
            link.expect(mqtt.pubcomp(packet_id))
            link.send(mqtt.pubrec(packet_id))
            link.expect(mqtt.pubrel(packet_id))
            link.send(mqtt.puback(packet_id) + mqtt.pubcomp(packet_id) + mqtt.unsuback(packet_id))
            link.send(mqtt.suback(packet_id, 0) + mqtt.suback(packet_id, 0x80) + mqtt.pingresp())
        link.send(mqtt.publish("end"))
        link.expect_goodbye()

    play("listen", script)


def test_mqtt_4_3_3_2_qos_2_is_delivered_once_per_identifier(play):
    """DUP or not: until its PUBREL an identifier is the same message, after it a new one."""

    def script(broker):
        link = broker.accept()
        link.accept_connect()
        link.accept_subscribe()
        link.accept_subscribe()
        link.send(mqtt.publish("t/1", b"first", 2, 9))
        link.expect(mqtt.pubrec(9))
        for dup in (True, False, True):
            link.send(mqtt.publish("t/1", b"first", 2, 9, dup=dup))
            link.expect(mqtt.pubrec(9))
        # QoS 1 with the same number is another message.
        link.send(mqtt.publish("t/2", b"qos 1", 1, 9))
        link.expect(mqtt.puback(9))
        link.send(mqtt.pubrel(9))
        link.expect(mqtt.pubcomp(9))
        link.send(mqtt.publish("t/1", b"second", 2, 9))
        link.expect(mqtt.pubrec(9))
        link.send(mqtt.pubrel(9) + mqtt.pubrel(9))
        link.expect(mqtt.pubcomp(9) * 2)
        # A DUP that we see for the first time is delivered.
        link.send(mqtt.publish("t/3", b"lost once", 2, 9, dup=True))
        link.expect(mqtt.pubrec(9))
        # QoS 1 duplicates are the application's to see.
        link.send(mqtt.publish("t/4", b"twice", 1, 3) + mqtt.publish("t/4", b"twice", 1, 3, dup=True))
        link.expect(mqtt.puback(3) * 2)
        link.send(mqtt.publish("end"))
        link.expect_goodbye()

    lines = play("listen", script)
    assert lines == ["t/1 first", "t/2 qos 1", "t/1 second", "t/3 lost once", "t/4 twice", "t/4 twice"]


def test_mqtt_4_6_0_2_acknowledgements_keep_the_order_of_the_messages(play):
    def script(broker):
        link = broker.accept()
        link.accept_connect()
        link.accept_subscribe()
        link.accept_subscribe()
        order = [5, 3, 65535, 1, 4, 2, 1000]
        for qos, ack in ((1, mqtt.puback), (2, mqtt.pubrec)):
            link.send(b"".join(mqtt.publish("t/x", str(i), qos, i) for i in order))
            link.expect(b"".join(ack(i) for i in order))
        link.send(b"".join(mqtt.pubrel(i) for i in reversed(order)))
        link.expect(b"".join(mqtt.pubcomp(i) for i in reversed(order)))
        link.send(mqtt.publish("end"))
        link.expect_goodbye()

    lines = play("listen", script)
    assert lines == [f"t/x {i}" for i in [5, 3, 65535, 1, 4, 2, 1000]] * 2


def test_mqtt_4_3_2_2_puback_goes_out_after_the_functions_returned(play):
    def script(broker):
        link = broker.accept()
        link.accept_connect()
        link.accept_subscribe()
        link.send(mqtt.publish("t", b"1", 1, 8))
        link.expect(mqtt.publish("from/function", b"1"))
        link.expect_silence(0.03)
        link.expect(mqtt.publish("from/function", b"end of 1"))
        link.expect(mqtt.puback(8))
        link.send(mqtt.publish("t", b"2", 2, 8))
        link.expect(mqtt.publish("from/function", b"2"))
        link.expect(mqtt.publish("from/function", b"end of 2"))
        link.expect(mqtt.pubrec(8))
        # One that raises has returned, too.
        link.send(mqtt.publish("t", b"raise", 1, 9))
        link.expect(mqtt.publish("from/function", b"raise"))
        first, second = link.next_packet(), link.next_packet()
        assert {p.kind for p in (first, second)} == {"PUBACK", "PUBLISH"}, (first, second)
        publish = first if first.kind == "PUBLISH" else second
        assert publish.topic == "bye"
        link.send(mqtt.puback(publish.packet_id))
        link.expect_goodbye()

    lines = play("function_before_puback", script)
    assert lines[-1] == "ValueError: as it should"


# ---- CONNACK


def test_return_codes(play):
    def script(broker):
        for code in range(1, 6):
            link = broker.accept()
            link.expect_packet("CONNECT")
            link.send(mqtt.connack(code=code))
            # The client closes; no DISCONNECT.
            link.expect_end()
            link = broker.accept()
            link.accept_connect()
            link.expect_goodbye()

    play("return_codes", script)


@pytest.mark.parametrize("sent", [0, 1, 2, 3])
def test_no_connack_within_command_timeout(play, sent):
    def script(broker):
        link = broker.accept()
        link.expect_packet("CONNECT")
        link.send(mqtt.connack()[:sent])
        link.expect_end()

    play("no_connack", script)


def test_a_broker_that_closes_instead_of_a_connack(play):
    cuts = [(how, n) for how in ("drop", "reset") for n in range(4)]

    def script(broker):
        for how, n in cuts:
            link = broker.accept()
            link.expect_packet("CONNECT")
            link.send(mqtt.connack()[:n])
            getattr(link, how)()
            if how == "drop":
                link.expect_end()
        # CONNECT is not even read.
        broker.accept().drop()
        broker.accept().reset()
        link = broker.accept()
        link.accept_connect()
        link.expect_goodbye()

    play("connect_errors", script, COUNT=len(cuts) + 2)


@pytest.mark.parametrize("cut", [1, 2, 4, 6], ids=lambda n: f"after-{n}")
def test_the_client_gives_up_on_half_a_packet(play, cut):
    def script(broker):
        link = broker.accept()
        link.accept_connect()
        link.accept_subscribe()
        link.send(mqtt.publish("t", b"payload")[:cut])
        link.expect_end()

    play("half_a_packet", script)


# ---- subscriptions over connections


@pytest.mark.parametrize("clean", [True, False], ids=["clean", "kept"])
@pytest.mark.parametrize("presence", [(False, False, False), (True, True, True), (True, False, True)], ids=str)
def test_session_present_decides_about_resubscription(play, clean, presence):
    if clean and any(presence):
        pytest.skip("a clean session is never present")

    def script(broker):
        link = broker.accept()
        link.accept_connect()
        link.accept_subscribe(filters=[("own", 1)])
        link.accept_subscribe(filters=[("before", 0)])
        link.accept_subscribe(filters=[("later/+", 2)])
        link.accept_subscribe(filters=[("gone", 2)])
        packet = link.expect_packet("UNSUBSCRIBE", filters=["gone"])
        link.send(mqtt.unsuback(packet.packet_id))
        for present in presence:
            link.expect_goodbye()
            link = broker.accept()
            link.accept_connect(present)
            # aconnect_cb comes first; the client does not subscribe again to the filters that it subscribes to.
            link.accept_subscribe(filters=[("own", 1)])
            if not present:
                link.accept_subscribe(filters=[("before", 0)])
                link.accept_subscribe(filters=[("later/+", 2)])
        link.send(mqtt.publish("own") + mqtt.publish("before") + mqtt.publish("gone") + mqtt.publish("later/x"))
        link.expect_goodbye()

    play("resubscription", script, CLEAN=clean)


@pytest.mark.parametrize("by_aconnect", [False, True], ids=["registered", "aconnect_cb"])
@pytest.mark.parametrize("pause", [0, 0.01], ids=["at-once", "later"])
def test_the_loop_goes_on_at_once_after_reconnect(play, pause, by_aconnect):
    def script(broker):
        for _ in range(31):
            link = broker.accept()
            link.accept_connect()
            link.accept_subscribe()
            time.sleep(pause)  # The loop may wait already when the message comes.
            link.send(mqtt.publish("t"))
            link.expect_goodbye()

    play("reconnect_wakes_the_loop", script, BY_ACONNECT=by_aconnect)


# ---- the clock


def test_mqtt_3_1_2_23_a_ping_goes_out_in_time(play):
    def script(broker):
        link = broker.accept()
        link.accept_connect(keepalive=1)
        for _ in range(2):
            with Lateness() as late:
                began = time.monotonic()
                link.expect_packet("PINGREQ")
                took = time.monotonic() - began
            assert took > 0.5 and took - late.seconds < 1.05, (took, late.seconds)
            link.send(mqtt.pingresp())
        packet = link.next_packet()
        if packet.kind == "PINGREQ":
            link.send(mqtt.pingresp())
            packet = link.next_packet()
        assert packet.kind == "DISCONNECT"

    play("pings", script)


def test_no_pings_with_keepalive_0(play):
    def script(broker):
        link = broker.accept()
        link.accept_connect(keepalive=0)
        link.expect_goodbye()

    play("no_pings", script)


@pytest.mark.parametrize("keepalive", [1, 2])
def test_a_missing_pingresp_ends_the_connection(play, target, keepalive):
    def script(broker):
        link = broker.accept()
        link.accept_connect()
        began = time.monotonic()
        with Lateness() as late:
            link.expect_packet("PINGREQ")
            pinged = time.monotonic() - began - late.seconds
            link.expect_end()
            ended = time.monotonic() - began - late.seconds
        # A board has a clock of its own, which the script looks at.
        limit = keepalive * 1.5 + 0.2 if isinstance(target, Unix) else ended
        assert pinged <= limit / 1.5 and ended <= limit, (pinged, ended, late.seconds)

    play("unanswered_ping", script, KEEPALIVE=keepalive)


def test_a_busy_publisher_notices_a_silent_broker(play):
    def script(broker):
        link = broker.accept()
        link.accept_connect()
        kinds = set()
        while (packet := link.next_packet()) is not None:
            kinds.add(packet.kind)
        assert kinds == {"PUBLISH", "PINGREQ"}, kinds

    play("pings_while_publishing", script)


# ---- publishers that wait


def test_mqtt_2_3_1_2_a_late_puback_is_not_taken_for_another(play):
    def script(broker):
        link = broker.accept()
        link.accept_connect()
        first = link.expect_packet("PUBLISH", payload=b"late")
        second = link.expect_packet("PUBLISH", payload=b"next")
        assert second.packet_id != first.packet_id
        link.send(mqtt.puback(first.packet_id))
        link.expect_silence(0.1)
        link.send(mqtt.puback(second.packet_id))
        third = take_publish(link, payload=b"last")
        assert third.packet_id != second.packet_id
        link.expect_goodbye()

    play("late_ack", script)


@pytest.mark.parametrize("loop", [True, False], ids=["loop", "no-loop"])
@pytest.mark.parametrize("qos", [1, 2])
@pytest.mark.parametrize("how", ["drop", "reset"])
@pytest.mark.parametrize("after", ["PUBLISH", "PUBREC"])
def test_a_connection_that_ends_ends_publish(play, qos, loop, how, after):
    if (qos, after) == (1, "PUBREC"):
        pytest.skip("QoS 1 has no PUBREC")

    def script(broker):
        link = broker.accept()
        link.accept_connect()
        packet = link.expect_packet("PUBLISH")
        if after == "PUBREC":
            link.send(mqtt.pubrec(packet.packet_id))
            link.expect(mqtt.pubrel(packet.packet_id))
        getattr(link, how)()
        if how == "drop":
            link.expect_end()

    play("broker_goes_first", script, QOS=qos, LOOP=loop)


@pytest.mark.parametrize("qos", [1, 2])
@pytest.mark.parametrize(
    "clean, present", [(True, False), (False, True), (False, False)], ids=["clean", "kept", "lost"]
)
def test_mqtt_4_4_0_1_unacknowledged_messages_on_the_next_connection(play, clean, present, qos):
    """Kept session: again, with DUP, the same identifiers, in order. A session that the broker
    lost: as new messages. A clean one: forgotten."""

    def script(broker):
        link = broker.accept()
        link.accept_connect()
        sent = [link.expect_packet("PUBLISH", qos=qos, dup=False, payload=str(i).encode()) for i in range(3)]
        link.expect_goodbye()
        link = broker.accept()
        link.accept_connect(present)
        if not clean:
            for packet in sent:
                again = link.expect_packet("PUBLISH", payload=packet.payload, qos=qos, dup=present)
                if present:
                    assert again.packet_id == packet.packet_id
            for packet in sent:
                link.send(mqtt.puback(packet.packet_id) if qos == 1 else mqtt.pubrec(packet.packet_id))
        end = None
        releases = []
        while end is None or len(releases) < (3 if qos == 2 and not clean else 0):
            packet = link.next_packet()
            if packet.kind == "PUBLISH":
                end = packet
                assert end.topic == "end" and not end.dup
            else:
                releases.append(packet.packet_id)
        if qos == 2 and not clean:
            assert releases == [packet.packet_id for packet in sent]
            link.send(b"".join(mqtt.pubcomp(i) for i in releases))
        link.send(mqtt.puback(end.packet_id))
        link.expect_goodbye()

    play("keeps_messages", script, CLEAN=clean, QOS=qos)


def test_mqtt_4_6_0_1_redelivery_keeps_the_order_of_every_phase(play):
    """[MQTT-4.6.0-1] PUBLISH in the order of the first time, [MQTT-4.6.0-4] PUBREL in that of the
    PUBREC."""

    def script(broker):
        link = broker.accept()
        link.accept_connect(clean_session=False)
        payloads = (b"a", b"b", b"c", b"d", b"e", b"f")
        a, b, c, d, e, f = (link.expect_packet("PUBLISH", payload=payload) for payload in payloads)
        ids = [packet.packet_id for packet in (a, b, c, d, e, f)]
        # The releases of f, then of c; d is done.
        link.send(mqtt.pubrec(f.packet_id) + mqtt.pubrec(c.packet_id) + mqtt.puback(d.packet_id))
        link.expect(mqtt.pubrel(f.packet_id) + mqtt.pubrel(c.packet_id))
        link.expect_goodbye()
        link = broker.accept()
        link.accept_connect(True)
        for packet in (a, b, e):
            link.expect(mqtt.publish("t", packet.payload, packet.qos, packet.packet_id, dup=True))
        link.expect(mqtt.pubrel(f.packet_id) + mqtt.pubrel(c.packet_id))
        # Now the release of a comes last; f is done.
        link.send(mqtt.pubrec(a.packet_id) + mqtt.pubcomp(f.packet_id))
        link.drop()
        while link.next_packet() is not None:
            pass
        link = broker.accept()
        link.accept_connect(True)
        for packet in (b, e):
            link.expect(mqtt.publish("t", packet.payload, packet.qos, packet.packet_id, dup=True))
        link.expect(mqtt.pubrel(c.packet_id) + mqtt.pubrel(a.packet_id))
        end = take_publish(link, topic="end", dup=False)
        assert end.packet_id not in (b.packet_id, e.packet_id, c.packet_id, a.packet_id)
        assert len(set(ids)) == 6
        link.expect_goodbye()

    play("mixed_redelivery", script)


def test_disconnect_ends_every_wait(play):
    def script(broker):
        for kind in ("PUBLISH", "PUBLISH", "SUBSCRIBE", "UNSUBSCRIBE"):
            link = broker.accept()
            link.accept_connect()
            link.accept_subscribe(filters=[("ready", 0)])
            link.expect_packet(kind)
            link.send(mqtt.publish("ready"))
            link.expect_goodbye()
        link = broker.accept()
        link.accept_connect()
        link.accept_subscribe(filters=[("ready", 0)])
        link.expect_goodbye()
        # It waits for a CONNACK, or has not come to CONNECT yet.
        link = broker.accept(silent=True)
        if link.next_packet() is not None:
            link.expect_end()

    play("disconnect_ends_waits", script)


@pytest.mark.parametrize("full", [True, False], ids=["full", "enough"])
def test_an_inbox_that_fills_up_while_a_function_waits(play, full, largest):
    # The inbox holds 64 KiB on a PC, 8 KiB on a board; a message takes some 400 bytes, and some overhead.
    some, many = (100, 1500) if largest > 1 << 20 else (10, 100)
    count = many if full else some

    def script(broker):
        link = broker.accept()
        link.accept_connect()
        for _ in range(3):
            link.accept_subscribe()
        flood = [mqtt.publish("flood", b"%06d" % i + bytes(400), 1, i + 1) for i in range(count)]
        link.send(mqtt.publish("go", b"", 1, 60000))
        packet = link.expect_packet("PUBLISH", topic="answer")
        link.send_quietly(b"".join(flood) + mqtt.puback(packet.packet_id))
        link.expect(mqtt.puback(60000))
        for i in range(count):
            link.expect(mqtt.puback(i + 1))
        link.send(mqtt.publish("end"))
        link.expect_goodbye()

    play("inbox_full_in_a_callback", script, COUNT=count, FULL=full)


# ---- the fake broker itself


def test_the_fake_broker_names_the_mismatch(run_script):
    def script(broker):
        broker.accept().expect(mqtt.connect("other"))

    wrong = pytest.raises(ScriptFailure, match="(?s)client_id='other'.*client_id='id'")
    with wrong, FakeBroker(script, clients=["id"]) as broker:
        run_script("protocol_cases", TIMEOUT, PORT=broker.port, CASE="no_pings")
