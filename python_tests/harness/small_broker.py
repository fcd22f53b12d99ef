"""A broker with a memory for one client: it keeps to the standard, but cuts the connection where it is told to.

    small = SmallBroker([Cut("after", "in", "PUBLISH", how="rst")], [Outgoing("t", b"x", 1)])
    with FakeBroker(small) as broker:
        run_script("some_client", PORT=broker.port)
"""

from dataclasses import dataclass

from harness.link import ScriptFailure


@dataclass(frozen=True)
class Cut:
    """Where a `SmallBroker` cuts the connection: before or after (`when`) it has taken in ("in")
    or sent ("out") the packet number `nth` of this `kind`. `how`: "fin" or "rst".

    Before taking it in, the packet is lost; after, it is not answered.
    """

    when: str
    direction: str
    kind: str
    nth: int = 1
    how: str = "fin"

    def __str__(self):
        return f"{self.when}-{self.direction}-{self.kind}{self.nth if self.nth > 1 else ''}-{self.how}"


@dataclass
class Outgoing:
    """A message for the client."""

    topic: str
    payload: bytes
    qos: int
    packet_id: int = None
    # "new", "sent" (PUBLISH was), "released" (PUBREL was), "done"
    state: str = "new"


class CutHere(Exception):
    """A `SmallBroker` has cut the connection."""


class SmallBroker:
    """A script for `FakeBroker`: one client, one session, kept over connections.

    It sends `messages` when the client has subscribed, in one piece, then, when their handshakes
    are complete, `END`. It ends with the client's DISCONNECT, or at the end of the connection
    number `connections`.

    `taken` are the messages that it took over from the client, as (topic, payload, qos, dup, id).
    `logs` has a list of the packets of each connection.
    """

    END = Outgoing("end", b"", 0)
    FIRST_ID = 10

    def __init__(self, cuts=(), messages=(), keep_session=True, **told):
        self.cuts = list(cuts)
        # The properties of the CONNACK, with MQTT 5.
        self.told = told
        self.messages = [Outgoing(m.topic, m.payload, m.qos) for m in messages]
        self.keep_session = keep_session
        self.taken = []
        self.logs = []
        self.connects = []
        self.subscriptions = []
        self._has_session = False
        self._incoming = set()
        self._counts = {}
        self._link = None

    def __call__(self, broker):
        while True:
            self._link = broker.accept()
            self._counts = {key: n for key, n in self._counts.items() if self.cuts}
            try:
                if self._serve():
                    return
            except CutHere:
                pass

    def _serve(self):
        """One connection; whether the client said goodbye."""
        link, log = self._link, []
        connect = link.expect_packet("CONNECT")
        self.connects.append(connect)
        self.logs.append(log)
        if connect.clean_session or not self.keep_session:
            self._forget()
        self._out("CONNACK", self._link.mqtt.connack(self._has_session, **self.told))
        if self._has_session:
            self._redeliver()
        self._has_session = not connect.clean_session
        while True:
            packet = link.next_packet()
            if packet is None:
                return False
            log.append(packet)
            if packet.kind == "DISCONNECT":
                link.expect_end()
                return True
            self._maybe_cut("before", "in", packet.kind)
            answers = getattr(self, f"_on_{packet.kind.lower()}")(packet)
            self._maybe_cut("after", "in", packet.kind)
            for kind, data in answers:
                self._out(kind, data)
            if packet.kind == "SUBSCRIBE":
                self._deliver()
            self._end_if_done()

    def _forget(self):
        self._has_session = False
        self._incoming.clear()
        self.subscriptions.clear()

    def _count(self, when, direction, kind):
        key = (when, direction, kind)
        self._counts[key] = self._counts.get(key, 0) + 1
        return self._counts[key]

    def _maybe_cut(self, when, direction, kind):
        n = self._count(when, direction, kind)
        for cut in self.cuts:
            if (cut.when, cut.direction, cut.kind, cut.nth) == (when, direction, kind, n):
                self.cuts.remove(cut)
                self._link.cut(cut.how)
                raise CutHere

    def _out(self, kind, data):
        self._maybe_cut("before", "out", kind)
        self._link.send(data)
        self._maybe_cut("after", "out", kind)

    # The messages that the client publishes.

    def _on_publish(self, packet):
        if packet.qos == 2 and packet.packet_id in self._incoming:
            return [("PUBREC", self._link.mqtt.pubrec(packet.packet_id))]
        packet_id = packet.packet_id if packet.qos else None
        self.taken.append((packet.topic, packet.payload, packet.qos, packet.dup, packet_id))
        if packet.qos == 1:
            return [("PUBACK", self._link.mqtt.puback(packet_id))]
        if packet.qos == 2:
            self._incoming.add(packet_id)
            return [("PUBREC", self._link.mqtt.pubrec(packet_id))]
        return []

    def _on_pubrel(self, packet):
        self._incoming.discard(packet.packet_id)
        return [("PUBCOMP", self._link.mqtt.pubcomp(packet.packet_id))]

    # The messages that it gets.

    def _on_subscribe(self, packet):
        self.subscriptions += packet.filters
        return [("SUBACK", self._link.mqtt.suback(packet.packet_id, *(qos & 3 for _, qos in packet.filters)))]

    def _on_unsubscribe(self, packet):
        return [("UNSUBACK", self._link.mqtt.unsuback(packet.packet_id))]

    def _on_pingreq(self, _packet):
        return [("PINGRESP", self._link.mqtt.pingresp())]

    def _on_puback(self, packet):
        self._message(packet, 1, "sent").state = "done"
        return []

    def _on_pubrec(self, packet):
        message = self._message(packet, 2, "sent", "released")
        message.state = "released"
        return [("PUBREL", self._link.mqtt.pubrel(packet.packet_id))]

    def _on_pubcomp(self, packet):
        self._message(packet, 2, "released").state = "done"
        return []

    def _message(self, packet, qos, *states):
        for message in self.messages:
            if (message.packet_id, message.qos) == (packet.packet_id, qos) and message.state in states:
                return message
        raise ScriptFailure(f"{packet} is for no message that awaits it: {self.messages}")

    def _deliver(self):
        for i, message in enumerate(self.messages):
            if message.state == "new":
                message.packet_id = self.FIRST_ID + i if message.qos else None
                self._send_publish(message, False)

    def _redeliver(self):
        # [MQTT-4.4.0-1] in their order; a message that was never sent comes as new.
        for message in self.messages:
            if message.state == "sent":
                self._send_publish(message, True)
            elif message.state == "released":
                self._out("PUBREL", self._link.mqtt.pubrel(message.packet_id))
        if self.subscriptions:
            self._deliver()
        self._end_if_done()

    def _send_publish(self, message, dup):
        data = self._link.mqtt.publish(message.topic, message.payload, message.qos, message.packet_id, dup)
        self._maybe_cut("before", "out", "PUBLISH")
        message.state = "sent" if message.qos else "done"
        self._link.send(data)
        self._maybe_cut("after", "out", "PUBLISH")

    def _end_if_done(self):
        done = self.messages and self.END.topic and all(message.state == "done" for message in self.messages)
        if done and not getattr(self._link, "said_end", False):
            self._link.said_end = True
            self._link.send(self._link.mqtt.publish(self.END.topic, self.END.payload))
