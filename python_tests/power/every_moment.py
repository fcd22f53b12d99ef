# The power fails after every single byte that goes out, and after every call of the store: each time, the device starts
# again with the session that it stored last, loses the power once more, and ends its work. The broker is a part of this
# script. It keeps to the standard, checks that the client does, and answers at once.
import errno
import gc
import io

import mqtt
from on_target.support import speak

EXPIRY = 3600
ROUNDS = 2
FROM_BROKER = ((b"0", 2), (b"1", 1), (b"2", 2))
DEAD = 5
PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBSCRIBE, UNSUBSCRIBE = 3, 4, 5, 6, 7, 8, 10


def packet(first, *parts):
    body = b"".join(parts)
    return bytes([first, len(body)]) + body


def block(payload):
    """The properties of the message: its payload as the Content Type."""
    return b"\x03" + bytes([0, len(payload)]) + payload if PROTOCOL == 5 else b""


def with_length(properties=b""):
    return bytes([len(properties)]) + properties if PROTOCOL == 5 else b""


class Broker:
    """Its session outlives the connections."""

    def __init__(self):
        self.has_session = False
        self.filters = set()
        self.received = set()
        self.came = {1: [], 2: []}
        self.out = []
        self.connect()

    def connect(self):
        self.input = b""
        self.output = b""

    def feed(self, data):
        self.input += data
        while len(self.input) > 1 and len(self.input) >= 2 + self.input[1]:
            assert self.input[1] < 128
            end = 2 + self.input[1]
            whole, self.input = self.input[:end], self.input[end:]
            self.take(whole[0] >> 4, whole[0] & 15, whole[2:])

    def take(self, kind, flags, body):
        if kind == 1:
            assert body[6] == PROTOCOL and not body[7] & 2, body
            assert PROTOCOL == 4 or body[11:16] == b"\x11" + EXPIRY.to_bytes(4, "big"), body
            self.send(packet(0x20, bytes([self.has_session, 0]), with_length()))
            self.has_session = True
            for message in self.out:
                self.deliver(message, 8)
        elif kind == PUBLISH:
            self.publish(flags, body)
        elif kind in (PUBACK, PUBREC, PUBCOMP):
            self.acknowledged(kind, body[:2])
        elif kind == PUBREL:
            self.received.discard(body[:2])
            self.send(packet(0x70, body[:2]))
        elif kind == SUBSCRIBE:
            # The options: the QoS, and No Local.
            options = b"\x06" if PROTOCOL == 5 else b"\x02"
            filter, is_new = self.filter_of(body[:-1])
            assert body[-1:] == options, body
            self.send(packet(0x90, body[:2], with_length(), b"\x02"))
            if filter == b"in" and is_new:
                for number, (payload, qos) in enumerate(FROM_BROKER):
                    self.out.append([bytes([0, number + 1]), payload, qos, False])
                    self.deliver(self.out[-1], 0)
            self.filters.add(filter)
        elif kind == UNSUBSCRIBE:
            self.filters.discard(self.filter_of(body)[0])
            self.send(packet(0xB0, body[:2], with_length() + (b"\0" if PROTOCOL == 5 else b"")))
        else:
            assert kind == 14

    def filter_of(self, body):
        """The filter, and whether it is new."""
        front = len(with_length()) + 4
        assert body[2:front] == with_length() + b"\0\2", body
        return body[front:], body[front:] not in self.filters

    def publish(self, flags, body):
        qos = flags >> 1 & 3
        assert body[:5] == b"\x00\x03out"
        number, rest = body[5:7], body[7:]
        # The payloads have one length.
        properties, payload = rest[:-1], rest[-1:]
        if payload != b"-":
            assert properties == with_length(block(payload)), (properties, payload)
        if number in self.received:
            assert qos == 2 and flags & 8
        else:
            self.came[qos].append(payload)
        if qos == 2:
            self.received.add(number)
        self.send(packet(0x40 if qos == 1 else 0x50, number))

    def acknowledged(self, kind, number):
        index = [message[0] for message in self.out].index(number)
        message = self.out[index]
        if kind == PUBREC:
            message[3] = True
            self.deliver(message, 0)
        else:
            assert kind == (PUBACK if message[2] == 1 else PUBCOMP)
            self.out.pop(index)

    def deliver(self, message, dup):
        number, payload, qos, is_received = message
        if is_received:
            self.send(packet(0x62, number))
        else:
            self.send(packet(0x30 | qos << 1 | dup, b"\x00\x02in", number, with_length(), payload))

    def send(self, data):
        self.output += data


class Power:
    """Fails once after so many bytes, or calls of the store; None: never."""

    def __init__(self, kind, count):
        self.left = {"byte": None, "store": None}
        self.left[kind] = count
        self.is_on = True

    def use(self, kind, amount):
        """How much of it is done; the power is off after that."""
        left = self.left[kind]
        if not self.is_on:
            raise OSError(DEAD)
        if left is None or amount < left:
            if left is not None:
                self.left[kind] = left - amount
            return amount
        self.is_on = False
        return left


class Link(io.IOBase):
    """The network up to the broker: it has every byte that left before the power failed."""

    def __init__(self, socket, broker, power):
        self.socket, self.broker, self.power = socket, broker, power

    def write(self, data):
        done = self.power.use("byte", len(data))
        self.broker.feed(bytes(data[:done]))
        if not self.power.is_on:
            raise OSError(DEAD)
        return done

    def readinto(self, buffer):
        n = min(len(buffer), len(self.broker.output))
        if not self.power.is_on or n == 0:
            return None
        buffer[:n] = self.broker.output[:n]
        self.broker.output = self.broker.output[n:]
        return n

    def ioctl(self, request, argument):
        if request == 4:
            self.socket.close()
        # MP_STREAM_POLL; RD is 1, WR is 4.
        return argument & (5 if self.broker.output else 4) if request == 3 else 0


class Device:
    """Its memory survives, and holds its own counts beside the session."""

    def __init__(self):
        self.broker = Broker()
        # Published at QoS 1 and at QoS 2; received at QoS 2; the session.
        self.stored = ([0, 0], [], None)
        # Received at QoS 1.
        self.seen = []

    def start(self, power):
        """Works until the power fails, or until the end: whether it came so far."""
        self.power = power
        self.broker.connect()
        stored_counts, stored_received, state = self.stored
        self.counts, self.received = list(stored_counts), list(stored_received)
        # It takes one piece of memory.
        gc.collect()
        client = mqtt.Client("cuts", False, command_timeout=20000)
        speak(client, PROTOCOL, session_expiry_interval=EXPIRY)
        try:
            if state is not None:
                client.restore(state)
            client.set_store(self.store)
            self.work(client)
        except OSError:
            if power.is_on:
                raise
            self.close(client)
            return False
        return True

    def close(self, client):
        """Frees the memory of a client whose power is off: nothing of it leaves."""
        try:
            client.disconnect()
        except OSError as error:
            assert error.errno in (DEAD, errno.ENOTCONN), error
        gc.collect()

    def store(self, state):
        if self.power.use("store", 1):
            for qos in (1, 2):
                if b"out\0\0\0" + self.marked(qos) in state:
                    # It counts as published.
                    self.counts[qos - 1] += 1
            self.stored = (list(self.counts), list(self.received), state)
        if not self.power.is_on:
            raise OSError(DEAD)

    def payload(self, qos):
        """QoS 1: `a`, `b`; QoS 2: `A`, `B`."""
        return bytes([{1: 97, 2: 65}[qos] + self.counts[qos - 1]])

    def marked(self, qos):
        """The end of the message in a state."""
        payload = self.payload(qos)
        properties = block(payload)
        front = bytes([len(properties)]) + properties + b"\0\0\0" if properties else b""
        return front + b"\x01" + payload

    def on_message(self, client, payload, topic):
        (self.received if client.message.qos == 2 else self.seen).append(payload)

    def wrap_socket(self, socket, server_hostname=None, do_handshake_on_connect=True):
        return Link(socket, self.broker, self.power)

    def work(self, client):
        no_local = {"no_local": True} if PROTOCOL == 5 else {}
        client.subscribe("in", self.on_message, 2, **no_local)
        assert client.connect(HOST, 0, PORT, self, start_loop=False) == 0
        waiting = []
        while min(self.counts) < ROUNDS:
            for qos in (1, 2):
                if self.counts[qos - 1] < ROUNDS:
                    payload = self.payload(qos)
                    options = {"properties": {"content_type": payload.decode()}} if PROTOCOL == 5 else {}
                    waiting.append(client.publish("out", payload, qos, wait=WAIT, **options))
                    if not self.power.is_on:
                        # A call that does not wait says nothing of it.
                        raise OSError(DEAD)
        client.subscribe("un", self.on_message, 2, **no_local)
        client.unsubscribe("un")
        # Each round trip brings the other handshakes on.
        for _ in range(10):
            client.publish("out", b"-", 1)
            is_over = all(delivery is None or delivery.done() for delivery in waiting)
            if is_over and not self.broker.out and not self.broker.received:
                break
        assert is_over
        client.disconnect()

    def check(self):
        broker = self.broker
        assert broker.came[2] == [b"A", b"B"], broker.came
        at_least_once = []
        for payload in broker.came[1]:
            if payload != b"-" and payload not in at_least_once:
                at_least_once.append(payload)
        assert at_least_once == [b"a", b"b"], broker.came
        assert self.received == [b"0", b"2"], self.received
        assert set(self.seen) == {b"1"}
        assert not broker.out and not broker.received
        assert broker.filters == {b"in"}


counts = []
for kind in ("byte", "store"):
    count = 0
    while True:
        device = Device()
        if device.start(Power(kind, count)):
            break
        # Twice, with other lengths.
        device.start(Power(kind, count * 7 % 64))
        assert device.start(Power(kind, None))
        device.check()
        count += 1
    device.check()
    counts.append(count)
print(*counts)
print("OK")
