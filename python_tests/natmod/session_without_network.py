# A session over a socket that is a broker itself, for a board without a network. It echoes every PUBLISH.
import io
import sys
import time


class Broker(io.IOBase):
    def __init__(self, *_):
        self.answers = bytearray()

    def setblocking(self, blocking):
        pass

    def setsockopt(self, *_):
        pass

    def connect(self, address):
        pass

    def write(self, data):
        rest = bytes(data)
        while rest:
            kind, length = rest[0] >> 4, rest[1]
            packet, rest = rest[: 2 + length], rest[2 + length :]
            if kind == 1:
                self.answers += b"\x20\x02\x00\x00"
            elif kind == 8:
                self.answers += b"\x90\x03" + packet[2:4] + b"\x01"
            elif kind == 3:
                topic_end = 4 + packet[3]
                self.answers += b"\x40\x02" + packet[topic_end : topic_end + 2]
                echo = packet[2:topic_end] + packet[topic_end + 2 :]
                self.answers += bytes([0x30, len(echo)]) + echo
        return len(data)

    def readinto(self, buffer):
        n = min(len(buffer), len(self.answers))
        if n == 0:
            return None
        buffer[:n] = self.answers[:n]
        self.answers = self.answers[n:]
        return n

    def ioctl(self, request, flags):
        # MP_STREAM_POLL; RD is 1, WR is 4.
        return flags & (5 if self.answers else 4) if request == 3 else 0


class Sockets:
    SOL_SOCKET = IPPROTO_TCP = TCP_NODELAY = 1
    socket = Broker

    def getaddrinfo(host, port, *_):
        return [(2, 1, 0, "", (host, port))]


sys.modules["socket"] = Sockets

# Its import finds the socket module above.
import mqtt  # noqa: E402

taken = []
client = mqtt.Client("riscv", command_timeout=5000)
assert client.connect("192.0.2.1", 0) == 0 and client.connected()
client.subscribe("echo", lambda client, payload, topic: taken.append((topic, payload)), 1)
client.publish("echo", "one", 1)
client.publish("echo", b"two", 1)
for _ in range(500):
    time.sleep_ms(10)
assert taken == [("echo", b"one"), ("echo", b"two")], taken
try:
    client.publish("#", "")
except ValueError as error:
    assert error.args[0] == "topic has a wildcard where none can be", error
else:
    raise AssertionError("a wildcard was published")
client.disconnect()
assert not client.connected()
assert repr(client) == "<Client 'riscv' not connected>", repr(client)
print("OK")
