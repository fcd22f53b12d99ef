"""Floods: more than a client can take, for as long as it takes it.

    flood(link, mqtt_packets.pingresp())        # until the client ends the connection
    sent = fill(link, messages)                 # until the client takes no more

    with Steady(broker, "topic", every=0.01):   # a publisher that another client starts
        run_script(...)                         # ... with a message on the topic `begin`
"""

import os
import select
import threading
import time

from harness import mqtt_packets
from harness.link import Aborted, ScriptFailure
from harness.peer import Peer

# How long the tests under load last, in seconds; more by SECONDS= in the environment.
SECONDS = int(os.environ.get("SECONDS", "8"))
# Of one piece, in bytes: packets are put together to that, so that the flood is faster than its reader.
PIECE = 1 << 18
# Packet identifiers that the client has not given out.
STRANGE = range(60001, 60101)
# The longest flood, in s. The script has deadlines of its own, in the time of its own clock, which may be much slower
# than this machine's.
PATIENCE = 600


def floods(mqtt):
    """Of everything that a broker may send: the packets of each kind, made by this module."""
    return {
        "pingresp": mqtt.pingresp(),
        "publish_0": mqtt.publish("nobody", bytes(20)),
        "publish_1": b"".join(mqtt.publish("nobody", bytes(20), 1, number) for number in STRANGE),
        # The same message, which the client has: its PUBREC is lost again and again.
        "duplicates": mqtt.publish("nobody", bytes(20), 2, 7, dup=True),
        "puback": b"".join(map(mqtt.puback, STRANGE)),
        "pubrec": b"".join(map(mqtt.pubrec, STRANGE)),
        "pubrel": b"".join(map(mqtt.pubrel, STRANGE)),
        "pubcomp": b"".join(map(mqtt.pubcomp, STRANGE)),
        "suback": b"".join(mqtt.suback(number, 0) for number in STRANGE),
        "unsuback": b"".join(map(mqtt.unsuback, STRANGE)),
        # These concern a function.
        "message": mqtt.publish("taken", bytes(20)),
    }


KINDS = tuple(floods(mqtt_packets))


def flood(link, packets, within=PATIENCE, reads=True):
    """Sends these packets again and again until the client ends the connection or makes another one.

    `reads` says whether the client's packets are meanwhile read and thrown away, or left unread.
    How many bytes have left.
    """
    return _Flood(link, packets, reads).until_the_end(within)


def fill(link, packets, within, rest=1.0):
    """Sends these packets, once, until the client has taken nothing for `rest` seconds; how many bytes have left."""
    return _Flood(link, packets, False).until_it_stalls(within, rest)


def flooding(kind):
    """A broker that floods from a packet with the word `trigger` on; on the next connection it is well behaved.

    A message on `large` says that the next one is to be left half unread. A filter `go` gets a message, with
    `flood` in its name one that a flood follows at once; a client `registered` has it with its CONNACK.
    """

    def script(broker):
        link = broker.accept(60)
        connect = link.expect_packet("CONNECT", 60)
        packets = floods(link.mqtt)[kind]
        reads = converse(link, connect, packets)
        broker.flooding = True
        flood(link, packets, reads=reads)
        link = broker.accept()
        link.accept_connect()
        for packet in link.until_goodbye():
            link.oblige(packet)
        link.expect_end()

    return script


def converse(link, connect, packets):
    """Up to the flood; whether it is to read."""
    if connect.client_id == "registered":
        # In one piece, so that it comes before the client's SUBSCRIBE.
        link.send_quietly(link.mqtt.connack() + packets * 100)
        return True
    link.oblige(connect)
    while True:
        packet = link.next_packet()
        if b"trigger" in packet.raw:
            return True
        link.oblige(packet)
        if b"go flood" in packet.raw:
            link.send_quietly(link.mqtt.publish("go flood") + packets * 100)
            return True
        if b"go" in packet.raw:
            link.send(link.mqtt.publish("go"))
        if packet.kind == "PUBLISH" and packet.topic == "large":
            # Its beginning; the rest stays where it is.
            link.receive_quietly(16)
            return False


def acknowledged_behind(link, backlog):
    """Sends the backlog and answers the client until it says goodbye. The identifiers of its PUBACKs, in order."""
    sender = threading.Thread(target=link.send_quietly, args=(backlog,), daemon=True)
    sender.start()
    acknowledged = []
    for packet in link.until_goodbye():
        if packet.kind == "PUBACK":
            acknowledged.append(packet.packet_id)
            continue
        # Nothing goes in between the bytes of the backlog.
        sender.join(100)
        link.oblige(packet)
    return acknowledged


def messages(mqtt, count, size, qos=0):
    """Numbered, made by this module; more than any inbox takes."""
    for number in range(count):
        yield mqtt.publish("m", b"%06d" % number + bytes(size - 6), qos, number % 60000 + 1 if qos else None)


class _Flood:
    def __init__(self, link, packets, reads):
        self.link = link
        self.packet = packets
        self.data = memoryview(packets * max(1, PIECE // len(packets)))
        self.reads = reads
        self.sent = 0
        link.socket.settimeout(0)

    def until_the_end(self, within):
        deadline = time.monotonic() + within
        poll = select.poll()
        poll.register(self.link.broker._listener, select.POLLIN)
        poll.register(self.link.socket, select.POLLRDHUP | select.POLLOUT | (select.POLLIN if self.reads else 0))
        ends = select.POLLRDHUP | select.POLLHUP | select.POLLERR | select.POLLNVAL
        while (left := deadline - time.monotonic()) > 0:
            if self.link.broker._aborted:
                raise Aborted
            events = dict(poll.poll(min(left, 1) * 1000))
            event = events.pop(self.link.socket.fileno(), 0)
            if events or event & ends or (event & select.POLLIN and self._take() == 0):
                return self._note("the end")
            if event & select.POLLOUT and not self._send(self.data[self.sent % len(self.data) :]):
                return self._note("an end")
        raise ScriptFailure(f"the client did not end the connection; {self.sent} bytes of a flood have left")

    def until_it_stalls(self, within, rest):
        whole = memoryview(self.packet)
        deadline = time.monotonic() + within
        moved = time.monotonic()
        poll = select.poll()
        poll.register(self.link.socket, select.POLLOUT)
        while self.sent < len(whole) and time.monotonic() - moved < rest:
            if time.monotonic() > deadline:
                raise ScriptFailure(f"the client takes and takes; {self.sent} bytes have left")
            before = self.sent
            if poll.poll(50) and not self._send(whole[self.sent : self.sent + PIECE]):
                raise ScriptFailure(f"the client ended the connection after {self.sent} bytes")
            if self.sent != before:
                moved = time.monotonic()
        return self._note("nothing more is taken")

    def _send(self, data):
        """Whether the connection is still there."""
        try:
            self.sent += self.link.socket.send(data)
        except BlockingIOError:
            pass
        except OSError:
            return False
        return True

    def _take(self):
        """How many bytes came; 0 at the end."""
        try:
            return len(self.link.socket.recv(1 << 16))
        except BlockingIOError:
            return -1
        except OSError:
            return 0

    def _note(self, what):
        self.link.note(f"<- {what}, after {self.sent} bytes of a flood")
        return self.sent


class Steady:
    """Another client that publishes a message every so many seconds, from a message on `begin` until the `with`
    ends. `sent` counts them. Its clock does not wait: it makes up for the delays of a busy machine.
    """

    def __init__(self, broker, topic, every, payload=bytes(400)):
        self.peer = Peer(broker)
        self.topic = topic
        self.every = every
        self.payload = payload
        self.sent = 0
        self._begin = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="steady publisher", daemon=True)

    def __enter__(self):
        self.peer.__enter__()
        self.peer.on("begin", self._begin.set)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._begin.set()
        self._thread.join(10)
        self.peer.__exit__()

    def _run(self):
        self._begin.wait()
        due = time.monotonic()
        while not self._ended.wait(max(0, due - time.monotonic())):
            self.peer.publish(self.topic, self.payload)
            self.sent += 1
            due += self.every
