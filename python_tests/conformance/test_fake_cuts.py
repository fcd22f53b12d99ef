"""Connections that break at every step of the handshakes: each message is delivered as its QoS promises."""

from collections import Counter

import pytest
from harness.fake_broker import FakeBroker
from harness.small_broker import Cut, CutHere, Outgoing, SmallBroker

HOWS = ("fin", "rst")
# The version, and the properties of the broker's CONNACK.
VERSIONS = {
    "v4": (4, {}),
    "v5": (5, {"topic_alias_maximum": 10}),
    "v5-receive-1": (5, {"receive_maximum": 1}),
    "v5-receive-3": (5, {"receive_maximum": 3}),
}
TIMEOUT = 25

# The client's packets for its first message, before and after the cut. DUP is in lower case.
PUBLISHING = {
    (1, "before", "in", "PUBLISH"): ("PUBLISH", "publish"),
    (1, "after", "in", "PUBLISH"): ("PUBLISH", "publish"),
    (1, "after", "out", "PUBACK"): ("PUBLISH", ""),
    (2, "before", "in", "PUBLISH"): ("PUBLISH", "publish PUBREL"),
    (2, "after", "in", "PUBLISH"): ("PUBLISH", "publish PUBREL"),
    (2, "after", "out", "PUBREC"): (None, "PUBREL"),
    (2, "before", "in", "PUBREL"): ("PUBLISH PUBREL", "PUBREL"),
    (2, "after", "in", "PUBREL"): ("PUBLISH PUBREL", "PUBREL"),
    (2, "after", "out", "PUBCOMP"): ("PUBLISH PUBREL", ""),
}


def said(packets, packet_id):
    mine = [packet for packet in packets if packet.fields.get("packet_id") == packet_id]
    return " ".join(packet.kind.lower() if packet.fields.get("dup") else packet.kind for packet in mine)


def ids(cut):
    return str(cut) if isinstance(cut, Cut) else None


@pytest.mark.parametrize("version, told", VERSIONS.values(), ids=VERSIONS)
@pytest.mark.parametrize("by_loop", [False, True], ids=["program", "loop_failure"])
@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("point", PUBLISHING, ids=lambda p: f"qos{p[0]}-{'-'.join(p[1:])}")
def test_mqtt_4_4_0_1_publish_over_a_cut(run_script, point, how, by_loop, told):
    qos, *where = point
    cut = Cut(*where, how=how)
    small = SmallBroker([cut], **told)
    with FakeBroker(small, clients=["cut"]) as broker:
        lines = run_script("publish_over_a_cut", TIMEOUT, PORT=broker.port, QOS=qos, BY_LOOP=by_loop)
    first, second = small.logs
    was, then = PUBLISHING[point]
    if how == "fin" or cut.direction == "in":
        assert said(second, 1) == then
        if was is not None:
            assert said(first, 1) == was
    else:
        # The RST may have overtaken the answer.
        assert said(second, 1) in (then, "publish", "publish PUBREL", "PUBREL")
    if then or cut.direction == "in":
        assert lines == ["1"] or how == "rst"
    # The others as if nothing had been.
    whole = "PUBLISH" if qos == 1 else "PUBLISH PUBREL"
    assert [said(second, i) for i in (2, 3)] == [whole, whole]
    taken = [payload.decode() for _, payload, _, _, _ in small.taken]
    assert list(dict.fromkeys(taken)) == ["first", "second", "third"]
    if qos == 2:
        assert len(taken) == 3


RECEIVING = [
    *(Cut(when, "out", "PUBLISH", nth) for when in ("before", "after") for nth in (1, 2, 3)),
    *(Cut(when, "in", "ACK", nth) for when in ("before", "after") for nth in (1, 2, 3)),
    Cut("before", "in", "SUBSCRIBE"),
    Cut("after", "in", "SUBSCRIBE"),
    Cut("after", "out", "SUBACK"),
    Cut("after", "out", "CONNACK"),
    Cut("before", "out", "CONNACK"),
]
RECEIVING_2 = [
    *(Cut(when, "out", "PUBREL", nth) for when in ("before", "after") for nth in (1, 2, 3)),
    *(Cut(when, "in", "PUBCOMP", nth) for when in ("before", "after") for nth in (1, 2, 3)),
]


@pytest.mark.both_versions
@pytest.mark.parametrize("by_loop", [False, True], ids=["program", "loop_failure"])
@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize(
    "qos, cut",
    [(1, cut) for cut in RECEIVING] + [(2, cut) for cut in RECEIVING + RECEIVING_2],
    ids=lambda p: f"{p.when}-{p.direction}-{p.kind}{p.nth}" if isinstance(p, Cut) else f"qos{p}",
)
def test_mqtt_4_3_3_2_receive_over_a_cut(run_script, qos, cut, how, by_loop):
    kind = {1: "PUBACK", 2: "PUBREC"}[qos] if cut.kind == "ACK" else cut.kind
    cut = Cut(cut.when, cut.direction, kind, cut.nth, how)
    messages = [Outgoing(f"t/{i}", f"m{i}".encode(), qos) for i in (1, 2, 3)]
    small = SmallBroker([cut], messages)
    with FakeBroker(small, clients=["cut"]) as broker:
        (line,) = run_script("receive_over_a_cut", TIMEOUT, PORT=broker.port, BY_LOOP=by_loop)
    got = line.split()
    assert list(dict.fromkeys(got)) == ["m1", "m2", "m3"]
    if qos == 2:
        assert got == ["m1", "m2", "m3"]
    assert all(message.state == "done" for message in small.messages)
    assert not small.cuts


@pytest.mark.both_versions
@pytest.mark.parametrize("qos", [1, 2])
def test_mqtt_4_3_3_2_every_byte_of_a_publish_may_be_the_last(run_script, packets, qos):
    """The connection ends after each byte of a PUBLISH in turn; then the whole message comes."""
    size = len(packets.publish("t/1", b"m1", qos, SmallBroker.FIRST_ID))

    class Broker(SmallBroker):
        def _send_publish(self, message, dup):
            cut = len(self.connects)
            if cut < size:
                message.state = "sent"
                data = self._link.mqtt.publish(message.topic, message.payload, qos, message.packet_id, dup)
                self._link.send(data[:cut])
                self._link.drop()
                raise CutHere
            else:
                super()._send_publish(message, dup)

    small = Broker([], [Outgoing("t/1", b"m1", qos)])
    with FakeBroker(small, clients=["cut"]) as broker:
        lines = run_script("receive_over_a_cut", TIMEOUT, PORT=broker.port, BY_LOOP=True)
    assert lines == ["m1"]
    assert len(small.connects) == size
    # Subscribed once: the broker kept the session.
    kinds = Counter(packet.kind for log in small.logs for packet in log)
    assert kinds["SUBSCRIBE"] == 2
    assert kinds["PUBACK" if qos == 1 else "PUBREC"] == 1
