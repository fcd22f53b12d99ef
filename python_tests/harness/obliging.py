"""A broker that accepts everything, and keeps every packet.

    with ObligingBroker() as broker:
        run_script("some_client", HOST=broker.host, PORT=broker.port)
    assert [packet.kind for packet in broker.packets] == ["CONNECT", "DISCONNECT"]

It answers as a broker has to, though it passes no messages on, and ignores every peer that is no MQTT
client. A function `answer(packet)` takes over: it gives the bytes to send, `None` for no answer, or
`CLOSE`. (For a broker that follows a script, see fake_broker.py.)
"""

import socket
import threading

from harness import loopback, mqtt_packets

CLOSE = object()


def oblige(packet, mqtt=mqtt_packets):
    """The answer of a broker, made by this module; None for a packet that has none."""
    if packet.kind == "PUBLISH" and packet.qos > 0:
        return (mqtt.puback if packet.qos == 1 else mqtt.pubrec)(packet.packet_id)
    answers = {
        "CONNECT": lambda: mqtt.connack(),
        "PUBREC": lambda: mqtt.pubrel(packet.packet_id),
        "PUBREL": lambda: mqtt.pubcomp(packet.packet_id),
        # Without the options of MQTT 5.
        "SUBSCRIBE": lambda: mqtt.suback(packet.packet_id, *(qos & 3 for _, qos in packet.filters)),
        "UNSUBSCRIBE": lambda: mqtt.unsuback(packet.packet_id),
        "PINGREQ": lambda: mqtt.pingresp(),
    }
    return answers.get(packet.kind, lambda: None)()


def oblige_until_close(packet):
    """As `oblige`, but a message on the topic `close` is the end of the connection."""
    if packet.kind == "PUBLISH" and packet.topic == "close":
        return CLOSE
    return oblige(packet)


def echo(packet):
    """As `oblige_until_close`, and sends every message back."""
    answer = oblige_until_close(packet)
    if packet.kind != "PUBLISH" or answer is CLOSE:
        return answer
    return (answer or b"") + mqtt_packets.publish(packet.topic, packet.payload)


class ObligingBroker:
    """Listens for as long as the `with` lasts. Its threads are gone after that.

    `packets` is all that came, `conversations` the same by connection. A connection counts when it
    has begun with a CONNECT; `clients` are the client identifiers that count, None: all of them.
    """

    def __init__(self, answer=oblige, host=loopback.HOST, port=0, clients=None):
        self.answer = answer
        self.clients = clients
        self.packets = []
        self.conversations = []
        self._changed = threading.Condition()
        self._sockets = []
        # The connections of clients, as they came.
        self._clients = []
        self._threads = []
        self._listener = loopback.listen(host, port)
        self.host, self.port = self._listener.getsockname()[:2]

    def __enter__(self):
        self._start(self._accept)
        return self

    def __exit__(self, *_):
        # A close alone does not wake a thread that accepts or receives.
        for each in [self._listener, *self._sockets]:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # gone already
            each.close()
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive()

    def wait_for(self, condition, timeout=60):
        """Until `condition()` holds; fails if it does not in time."""
        with self._changed:
            came = self._changed.wait_for(condition, timeout)
        assert came, f"waited in vain; there came: {[str(packet) for packet in self.packets]}"

    def send(self, data):
        """To the first client that came."""
        self._clients[0].sendall(data)

    def of_kind(self, kind):
        return [packet for packet in self.packets if packet.kind == kind]

    def kinds(self):
        return [packet.kind for packet in self.packets]

    def _start(self, function, *args):
        thread = threading.Thread(target=function, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sockets.append(connection)
            self._start(self._serve, connection)

    def _is_client(self, packet):
        return packet.kind == "CONNECT" and (self.clients is None or packet.client_id in self.clients)

    def _serve(self, connection):
        parser = mqtt_packets.Parser()
        packets = None
        try:
            while data := connection.recv(65536):
                parser.feed(data)
                if packets is None and loopback.is_client(parser.left()) is False:
                    return
                for packet in parser:
                    if packets is None and not self._is_client(packet):
                        return
                    with self._changed:
                        if packets is None:
                            packets = []
                            self.conversations.append(packets)
                            self._clients.append(connection)
                        self.packets.append(packet)
                        packets.append(packet)
                        self._changed.notify_all()
                    answer = self.answer(packet)
                    if answer is CLOSE:
                        return
                    if answer:
                        connection.sendall(answer)
        except OSError:
            pass  # The client is gone, or the test is over.
        except mqtt_packets.Malformed:
            if packets is not None:
                raise
        finally:
            connection.close()
