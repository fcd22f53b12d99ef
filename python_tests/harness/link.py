"""A connection of the client under test, as the script of a `FakeBroker` sees it."""

import select
import socket
import struct
import time

from harness import mqtt_packets
from harness.mqtt_packets import Malformed
from harness.obliging import oblige
from harness.packet_texts import describe, difference, hexdump
from harness.versions import PACKETS

# How often a wait for a connection looks whether the test is over, in seconds.
PERIOD = 0.1


class ScriptFailure(AssertionError):
    """The client did something that the script did not expect."""


class Aborted(Exception):
    """The test is over; nobody wants the script any longer."""


class Link:
    """One connection of the client, as the broker sees it."""

    def __init__(self, broker, connection, number):
        self.broker = broker
        self.number = number
        self.socket = connection
        self._data = bytearray()
        # The version that the client's CONNECT asks for, and the module that makes its packets.
        self.version = 4
        self.mqtt = mqtt_packets
        self._end = None
        self._begin = time.monotonic()
        # Of the packets that came, in order.
        self.packets = []

    def note(self, text):
        self.broker._log.append(f"  {time.monotonic() - self._begin:7.3f} #{self.number} {text}")

    def _take_version(self, data):
        """Reads the version of a CONNECT, whose first bytes these are."""
        if data[:1] == b"\x10":
            self.version = mqtt_packets.version_of(data)
            self.mqtt = PACKETS.get(self.version, mqtt_packets)

    # ---- packets of the client

    def expect(self, data, within=None):
        """The client's next bytes must be exactly these."""
        deadline = self._deadline(within)
        while len(self._data) < len(data):
            n = len(self._data)
            if self._data != data[:n] or not self._receive(deadline):
                break
        got = bytes(self._data[: len(data)])
        self._take_version(data)
        if got != data:
            why = f"\n(then: {self._end})" if self._end else ""
            raise ScriptFailure(difference(data, bytes(self._data), self.version) + why)
        del self._data[: len(data)]
        for line in describe(got, self.version):
            self.note(f"<- {line}")

    def next_packet(self, within=None):
        """The client's next packet, whatever it is; None at the end of the connection."""
        deadline = self._deadline(within)
        while True:
            try:
                header = mqtt_packets.split_fixed_header(self._data)
                if header is not None and len(self._data) >= header[1] + header[2]:
                    raw = bytes(self._data[: header[1] + header[2]])
                    self._take_version(raw)
                    packet = mqtt_packets.parse(raw, self.version)
                    del self._data[: len(raw)]
                    self.note(f"<- {packet}")
                    self.packets.append(packet)
                    return packet
            except Malformed as error:
                raise ScriptFailure(f"the client sent {hexdump(self._data, 64)}: {error}") from None
            if not self._receive(deadline):
                if self._end is None:
                    raise ScriptFailure(f"no packet came; so far: {hexdump(self._data, 64) or 'nothing'}")
                if self._data:
                    raise ScriptFailure(f"the connection ended ({self._end}) in a packet: {hexdump(self._data, 64)}")
                return None

    def expect_packet(self, kind, within=None, **fields):
        """The client's next packet must be of this kind, and have these fields."""
        packet = self.next_packet(within)
        if packet is None:
            raise ScriptFailure(f"expected {kind}, but the connection ended ({self._end})")
        wrong = {name: value for name, value in fields.items() if packet.fields.get(name, "?") != value}
        if packet.kind != kind or wrong:
            wanted = " ".join([kind, *(f"{name}={mqtt_packets.short(value)}" for name, value in fields.items())])
            raise ScriptFailure(f"expected {wanted}\n     got {packet}\n         {hexdump(packet.raw, 64)}")
        return packet

    def expect_end(self, within=None):
        """The client must close the connection now, without another byte. How it did: FIN or RST."""
        deadline = self._deadline(within)
        if not self._data:
            self._receive(deadline)
        if self._data:
            got = "\n".join(describe(self._data, self.version))
            raise ScriptFailure(f"expected the end of the connection, got\n{got}")
        if self._end is None:
            raise ScriptFailure("the client did not close the connection")
        self.note(f"<- {self._end}")
        # A broker that kept its side open would keep the client's side from being gone.
        self.abandon()
        return self._end

    def expect_silence(self, seconds):
        """Nothing may come for so long, not even the end."""
        if self._data or self._receive(time.monotonic() + seconds) or self._end:
            raise ScriptFailure(f"expected nothing, got {self._end or describe(self._data, self.version)}")

    def arrives(self, seconds):
        """Whether bytes are here, or come within so many seconds."""
        return bool(self._data) or self._receive(time.monotonic() + seconds)

    # ---- packets of the broker

    def send(self, data, pieces=None, pause=0):
        """Sends bytes: at once, or in pieces of so many bytes (a number, or one number for each
        piece; the rest in one), with a pause in between (seconds; 0 still makes them packets of
        their own on the network).
        """
        for line in describe(data, self.version):
            self.note(f"-> {line}")
        if pieces is None:
            self.send_quietly(data)
            return
        sizes = iter([]) if isinstance(pieces, int) else iter(pieces)
        at = 0
        while at < len(data):
            size = pieces if isinstance(pieces, int) else next(sizes, len(data))
            if at and pause:
                time.sleep(pause)
            self.send_quietly(data[at : at + size])
            at += size

    def send_quietly(self, data):
        """Sends without a word in the log, for large amounts."""
        self.socket.settimeout(self.broker.patience)
        try:
            self.socket.sendall(data)
        except OSError as error:
            if self.broker._aborted:
                raise Aborted from None
            raise ScriptFailure(f"cannot send {hexdump(data, 32)}: {error}") from None

    def oblige(self, packet):
        """Answers a packet as a broker that accepts everything."""
        self.send(oblige(packet, self.mqtt) or b"")

    def flood(self, data, within=None):
        """Sends this again and again, reading nothing, until the client ends the connection, or makes
        another one: the end may be stuck behind bytes that we did not read. How many bytes have left.
        """
        deadline = self._deadline(within)
        self.socket.settimeout(0)
        poll = select.poll()
        poll.register(self.socket, select.POLLRDHUP | select.POLLOUT)
        sent = 0
        while time.monotonic() < deadline:
            events = [event for _, event in poll.poll(PERIOD * 1000)]
            self.broker._sort_arrivals(0)
            if self.broker._known or (events and events != [select.POLLOUT]):
                self.note(f"<- the end, after {sent} bytes of a flood")
                return sent
            try:
                while True:
                    sent += self.socket.send(data[sent % len(data) :])
            except BlockingIOError:
                continue
            except OSError:
                self.note(f"<- an end, after {sent} bytes of a flood")
                return sent
        raise ScriptFailure(f"the client did not end the connection; {sent} bytes of a flood have left")

    def drop(self):
        """FIN: the client sees the end of the stream after all that was sent."""
        self.note("-> FIN")
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # The client was quicker.

    def reset(self):
        """RST: bytes that were not delivered may be lost, in both directions."""
        self.note("-> RST")
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()
        self._end = "RST of ours"

    def cut(self, how):
        {"fin": self.drop, "rst": self.reset}[how]()

    # ---- whole exchanges

    def accept_connect(self, session_present=False, within=None, told=None, **fields):
        """CONNECT (with these fields), answered with an accepting CONNACK, which with MQTT 5 has the properties `told`."""
        packet = self.expect_packet("CONNECT", within, **fields)
        self.send(self.mqtt.connack(session_present, **(told or {})))
        return packet

    def acknowledge(self, packet, *code, **properties):
        """The broker's side of the handshake of a PUBLISH. With MQTT 5 its first packet may have a reason code and
        properties.
        """
        if packet.qos == 1:
            self.send(self.mqtt.puback(packet.packet_id, *code, **properties))
        elif packet.qos == 2:
            self.send(self.mqtt.pubrec(packet.packet_id, *code, **properties))
            # After a refusal there is no PUBREL: the next packet is another one.
            if not code or code[0] < 0x80:
                self.expect(self.mqtt.pubrel(packet.packet_id))
                self.send(self.mqtt.pubcomp(packet.packet_id))

    def accept_subscribe(self, *codes, within=None, **fields):
        """SUBSCRIBE (with these fields), answered with these codes or else with the QoS that it asks for."""
        packet = self.expect_packet("SUBSCRIBE", within, **fields)
        self.send(self.mqtt.suback(packet.packet_id, *(codes or [qos & 3 for _, qos in packet.filters])))
        return packet

    def expect_goodbye(self, within=None):
        """DISCONNECT as the last thing, then the end of the connection."""
        self.expect(self.mqtt.disconnect(), within)
        return self.expect_end(within)

    def until_goodbye(self, within=None):
        """The client's packets one by one, up to its DISCONNECT; each within so many seconds."""
        while (packet := self.next_packet(within)) is not None and packet.kind != "DISCONNECT":
            yield packet
        if packet is None:
            raise ScriptFailure(f"the connection ended ({self._end}) without DISCONNECT")

    # ---- inside

    def abandon(self):
        """Ends it, from another thread too."""
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        if self.broker._aborted:
            self.socket.close()

    def receive_quietly(self, size=65536, within=None):
        """Some bytes, unparsed, for large amounts; b"" at the end of the connection."""
        if not self._data:
            self._receive(self._deadline(within), size)
        data = bytes(self._data)
        self._data.clear()
        if not data and self._end is None:
            raise ScriptFailure("nothing came")
        return data

    def _deadline(self, within):
        return time.monotonic() + (self.broker.patience if within is None else within)

    def _receive(self, deadline, size=65536):
        """Takes in more bytes. False: none came before the deadline, or it is the end."""
        if self._end is not None:
            return False
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        try:
            self.socket.settimeout(left)
            data = self.socket.recv(size)
        except TimeoutError:
            return False
        except ConnectionResetError:
            self._end = "RST"
            return False
        except OSError:
            if self.broker._aborted:
                raise Aborted from None
            self._end = "an error"
            return False
        if not data:
            self._end = "FIN"
            return False
        self._data += data
        return True
