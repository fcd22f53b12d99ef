"""publish(wait=False), its Delivery and the outbox."""

import queue
import threading
import time

import pytest
from harness import mqtt_packets
from harness.fake_broker import FakeBroker
from harness.targets import Unix

# Mosquitto 2.0 changes the order of QoS 2 messages when they have to queue for its window.
WINDOW = ["max_inflight_messages 1020"]


@pytest.mark.smoke
@pytest.mark.parametrize("start_loop", [True, False])
def test_messages_arrive_in_order(run_script, new_broker, start_loop):
    broker = new_broker(config=WINDOW)
    run_script("publish_without_waiting", PORT=broker.port, START_LOOP=start_loop)


@pytest.mark.parametrize("clean", [True, False])
@pytest.mark.parametrize("end", ["disconnect", "cut"])
def test_a_full_outbox(run_script, clean, end):
    """No message is lost in silence, and every end is told of."""

    def serve(broker, came):
        """One connection. The client says when its messages are to be acknowledged."""
        link = broker.accept()
        link.accept_connect(session_present=bool(came) and not clean)
        going, unanswered = False, []
        came.append(mine := [])
        while (packet := link.next_packet()).kind != "DISCONNECT":
            if packet.topic == "cut":
                return link.reset()
            if packet.topic in ("go", "hold"):
                going = packet.topic == "go"
            else:
                mine.append((packet.topic, packet.payload, packet.dup))
                unanswered.append(packet.packet_id)
            if going:
                for packet_id in unanswered:
                    link.send(mqtt_packets.puback(packet_id))
                unanswered.clear()
        return None

    def script(broker):
        came = []
        for _ in range(2):
            serve(broker, came)
        return came

    with FakeBroker(script, clients=["full"]) as broker:
        lines = run_script("full_outbox", PORT=broker.port, CLEAN=clean, END=end)
    room = int(lines[-1])
    first, second = broker.result
    messages = [(f"full/{number}", b"%d" % number) for number in range(room)]
    sent = [message[:2] for message in first]
    assert sent[:room] == messages
    in_flight = sent[room:]
    assert in_flight == messages[: len(in_flight)] and 0 < len(in_flight) < room
    again = [message[:2] for message in second]
    if clean:
        # The new message alone.
        assert again == [(f"full/{room}", b"%d" % room)]
    else:
        assert again[:room] == messages
        assert [dup for *_, dup in second[:room]] == [number < len(in_flight) for number in range(room)]


@pytest.mark.parametrize("then", ["wait", "publish", "disconnect"])
@pytest.mark.parametrize("start_loop", [True, False])
def test_a_network_that_takes_nothing(run_script, target, tls, start_loop, then):
    """No call waits in the middle of a packet, and every byte arrives in its place."""
    size = min(target.largest, 1 << 20)
    payload = bytes(range(251)) * (size // 251)
    came = []

    def script(broker):
        link = broker.accept()
        link.accept_connect()
        time.sleep(2)
        if then == "disconnect":
            # Nothing comes in the middle of a packet, not even DISCONNECT.
            data = b"".join(iter(link.receive_quietly, b""))
            number = range(1 + len(data) // size)
            packets = b"".join(mqtt_packets.publish(f"slow/{i}", payload, 1, i + 1) for i in number)
            assert packets.startswith(data.removesuffix(mqtt_packets.disconnect()))
            return
        while (packet := link.next_packet()) is not None and packet.kind != "DISCONNECT":
            if packet.kind == "SUBSCRIBE":
                link.send(mqtt_packets.suback(packet.packet_id, 0))
            elif packet.qos:
                came.append((packet.topic, packet.payload))
                link.send(mqtt_packets.puback(packet.packet_id))

    with FakeBroker(script, buffer=1 << 14, clients=["slow"]) as broker:
        lines = run_script("outbox_and_slow_network", PORT=broker.port, START_LOOP=start_loop, THEN=then)
    if isinstance(target, Unix) and tls is None:
        assert lines[-1] == "True", "the network had room for everything"
    assert came == [(f"slow/{number}", payload) for number in range(len(came))]
    assert then == "disconnect" or came


class LateBroker:
    """A script: acknowledges QoS 1 messages `delay` seconds late, and ends connections.

    It ends as many connections as `restarts` says, each after so many messages; every second time it
    has lost the session afterwards. `taken` are the payloads in the order in which they came.
    """

    def __init__(self, delay, restarts=0, messages=0):
        self.delay = delay
        self.restarts = restarts
        self.messages = messages
        self.taken = []
        self.connections = 0

    def __call__(self, broker):
        while True:
            link = broker.accept()
            self.connections += 1
            link.accept_connect(session_present=self.connections > 1 and self.connections % 2 == 1)
            due = queue.Queue()
            thread = threading.Thread(target=self._acknowledge, args=(link, due), daemon=True)
            thread.start()
            ended = self._serve(link, due)
            due.put(None)
            thread.join()
            if ended:
                return
            link.reset()

    def _serve(self, link, due):
        """One connection. Whether the client has ended it."""
        left = self.messages if self.connections <= self.restarts else -1
        while left and (packet := link.next_packet()) is not None:
            if packet.kind == "DISCONNECT":
                return True
            if packet.kind == "PUBLISH":
                self.taken.append(int(packet.payload))
                due.put((time.monotonic() + self.delay, packet.packet_id))
                left -= 1
        assert left == 0, "the client has ended the connection"
        return False

    def _acknowledge(self, link, due):
        while (entry := due.get()) is not None:
            moment, packet_id = entry
            time.sleep(max(0, moment - time.monotonic()))
            try:
                link.socket.sendall(mqtt_packets.puback(packet_id))
            except OSError:
                return  # The connection has ended.


@pytest.mark.parametrize("start_loop", [True, False])
def test_a_full_outbox_keeps_no_thread_out(run_script, start_loop):
    came = []

    def script(broker):
        link = broker.accept()
        link.accept_connect()
        for packet in link.until_goodbye():
            if packet.kind == "PUBLISH":
                came.append((packet.topic, int(packet.payload)))
                time.sleep(0.001)
                link.send((mqtt_packets.puback if packet.qos == 1 else mqtt_packets.pubrec)(packet.packet_id))
            else:
                link.send(mqtt_packets.pubcomp(packet.packet_id))

    with FakeBroker(script, clients=["threads"]) as broker:
        run_script("outbox_and_threads", PORT=broker.port, START_LOOP=start_loop)
    for topic in ("busy", "waits"):
        numbers = [number for name, number in came if name == topic]
        assert numbers == list(range(len(numbers))) and len(numbers) >= 5


def first_arrivals(taken):
    return list(dict.fromkeys(taken))


@pytest.mark.first
@pytest.mark.parametrize("start_loop", [True, False])
def test_late_acknowledgements_cost_little(run_script, target, start_loop):
    """As many times faster than one after the other as the window allows."""
    messages, faster = (10_000, 20) if isinstance(target, Unix) else (400, 4)
    late = LateBroker(0.05)
    with FakeBroker(late, clients=["fast"]) as broker:
        defines = {"MESSAGES": messages, "FASTER": faster, "START_LOOP": start_loop}
        run_script("late_acknowledgements", 120, PORT=broker.port, **defines)
    assert late.taken == list(range(messages))


@pytest.mark.first
def test_ten_restarts_of_the_broker_lose_nothing(run_script, target):
    messages = 10_000 if isinstance(target, Unix) else 400
    late = LateBroker(0.05, restarts=10, messages=messages // 12)
    with FakeBroker(late, clients=["fast"]) as broker:
        run_script("late_acknowledgements", 120, PORT=broker.port, MESSAGES=messages, FASTER=0, START_LOOP=True)
    assert late.connections == 11
    assert first_arrivals(late.taken) == list(range(messages))
