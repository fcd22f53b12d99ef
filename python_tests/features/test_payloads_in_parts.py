"""`subscribe(into=buffer)`: payloads that the client hands over in parts."""

import time

import pytest
from harness import mqtt_packets as mqtt
from harness.fake_broker import FakeBroker
from harness.obliging import ObligingBroker, echo, oblige
from harness.peer import Peer, payload_of
from harness.targets import Unix

MIB = 1 << 20
# Bytes of an image that come slowly.
FRONT = 64 * 1024
# In relation to a buffer of 100 bytes.
LENGTHS = [0, 1, 99, 100, 101, 300, 0, 3001]


def repeated(pattern, length):
    return (pattern * (length // len(pattern) + 1))[:length]


@pytest.mark.parametrize("loop", [True, False])
@pytest.mark.parametrize("qos", [0, 1, 2])
def test_payloads_of_all_lengths(run_script, new_broker, qos, loop):
    broker = new_broker(config=["max_inflight_messages 0"])
    with Peer(broker) as peer:

        def publish():
            for number, length in enumerate(LENGTHS):
                peer.publish(f"parts/{number}", repeated(payload_of(2), length), qos)

        peer.on("ready", publish)
        run_script("payloads_in_parts", PORT=broker.port, LENGTHS=LENGTHS, SIZE=100, QOS=qos, LOOP=loop)


@pytest.mark.parametrize("qos", [0, 1, 2])
def test_a_payload_larger_than_the_memory(run_script, qos):
    """Twice a mebibyte, byte for byte: slowly, with pings in the middle, and as fast as it goes."""
    image = repeated(payload_of(18), MIB)
    messages = [mqtt.publish("firmware", image, qos, number if qos else None) for number in (7, 8)]
    again = [mqtt.publish("firmware", image, qos, number, dup=True) for number in (7, 8) if qos == 2]

    def script(broker):
        link = broker.accept()
        link.accept_connect()
        link.accept_subscribe()
        link.expect_packet("PUBLISH", topic="begin")
        first = messages.pop(0)
        pings = 0
        for start in range(0, FRONT, FRONT // 8):
            link.send_quietly(first[start : start + FRONT // 8])
            if link.arrives(0.5):
                # It is acknowledged when all of it has come.
                link.expect_packet("PINGREQ")
                pings += 1
        assert pings
        link.send_quietly(first[FRONT:] + mqtt.pingresp())
        if qos == 0:
            link.send_quietly(messages.pop())
        acknowledged = []
        for packet in link.until_goodbye():
            if packet.kind == "PINGREQ":
                link.send(mqtt.pingresp())
            elif packet.kind == "PUBLISH":
                link.send(mqtt.puback(packet.packet_id))
            elif packet.kind == "PUBREC" and packet.packet_id not in acknowledged:
                acknowledged.append(packet.packet_id)
                # The function has had it.
                link.send_quietly(again.pop(0))
            elif packet.kind == "PUBREC":
                link.send(mqtt.pubrel(packet.packet_id))
            else:
                assert packet.kind == ("PUBACK" if qos == 1 else "PUBCOMP")
                if messages:
                    link.send_quietly(messages.pop())

    with FakeBroker(script, clients=["firmware"]) as broker:
        run_script("firmware_in_parts", 100, PORT=broker.port, LENGTH=MIB, KEEP_ALIVE=2, QOS=qos)


@pytest.mark.parametrize("how", ["fin", "rst"])
@pytest.mark.parametrize("loop", [True, False])
@pytest.mark.parametrize("qos", [0, 1, 2])
def test_a_connection_that_is_lost_in_the_middle(run_script, qos, loop, how):
    def script(broker):
        link = broker.accept()
        link.accept_connect()
        link.accept_subscribe()
        link.expect_packet("PUBLISH", topic="begin")
        # Six bytes of ten.
        link.send(mqtt.publish("image", b"0123456789", qos, 7 if qos else None)[:-4])
        time.sleep(0.3)
        link.cut(how)
        link = broker.accept()
        link.accept_connect(session_present=True)
        link.send(mqtt.publish("image", b"0123456789", qos, 7 if qos else None, dup=qos > 0))
        link.send(mqtt.publish("image", b"end"))
        for packet in link.until_goodbye():
            if packet.kind == "PUBLISH" and packet.qos:
                link.send(mqtt.puback(packet.packet_id))
            elif packet.kind == "PUBREC":
                assert packet.packet_id == 7
                link.send(mqtt.pubrel(7))

    with FakeBroker(script, clients=["cut"]) as broker:
        run_script("parts_over_a_cut", PORT=broker.port, QOS=qos, LOOP=loop)
    # The script has read to the end now.
    if qos:
        acknowledged = [packet for packet in broker.links[1].packets if packet.kind in ("PUBACK", "PUBREC")]
        assert [packet.packet_id for packet in acknowledged] == [7]


@pytest.mark.parametrize("gathered", [False, True])
def test_functions_of_both_kinds(run_script, gathered):
    with ObligingBroker(echo) as broker:
        run_script("functions_with_and_without_parts", HOST=broker.host, PORT=broker.port, GATHERED=gathered)


def test_calls_in_the_middle(run_script):
    """Methods, exceptions and the end of the connection inside the function."""

    def answer(packet):
        if packet.kind == "PUBLISH" and packet.topic == "more":
            return (oblige(packet) or b"") + mqtt.publish("parts", b"0123456789")
        return oblige(packet)

    with ObligingBroker(answer) as broker:
        lines = run_script("calls_in_parts", HOST=broker.host, PORT=broker.port)
    assert lines.count("ValueError: in the middle") == 2


def test_buffers_of_changing_size(run_script):
    with ObligingBroker(echo) as broker:
        lines = run_script("resized_buffers_of_parts", HOST=broker.host, PORT=broker.port)
    assert sum("too small" in line for line in lines) == 2, lines


@pytest.mark.parametrize("qos", [0, 1, 2])
def test_threads_beside_a_payload(run_script, target, qos):
    if not isinstance(target, Unix):
        pytest.skip("there are no threads")
    image = repeated(payload_of(18), 1 << 18)

    def script(broker):
        link = broker.accept()
        link.accept_connect()
        link.accept_subscribe()
        link.expect_packet("PUBLISH", topic="begin")
        link.send_quietly(mqtt.publish("image", image, qos, 7 if qos else None))
        for packet in link.until_goodbye():
            if packet.kind == "PUBLISH" and packet.qos:
                link.send(mqtt.puback(packet.packet_id))
            elif packet.kind == "PUBREC":
                link.send(mqtt.pubrel(packet.packet_id))

    with FakeBroker(script, clients=["beside"]) as broker:
        run_script("thread_beside_parts", PORT=broker.port, QOS=qos, LENGTH=len(image))
