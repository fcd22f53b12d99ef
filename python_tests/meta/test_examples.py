"""Every example works as its comment says, with a real broker and another client as a witness."""

import contextlib
import hashlib
import json
import random
import re
import signal
import subprocess
import sys
import threading

import pytest
from harness import certificates, modules
from harness.fault_proxy import FaultProxy
from harness.peer import Peer
from harness.targets import ROOT, Unix

EXAMPLES = ROOT / "examples"
PATIENCE = 120


class Running:
    """An example at work: `lines` is its output so far."""

    def __init__(self, process, patience):
        self.process = process
        self.patience = patience
        self.lines = []
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            with self._changed:
                self.lines.append(line.rstrip("\n"))
                self._changed.notify_all()

    def wait_for(self, *lines):
        """Until it has printed exactly these lines, in this order, among others."""

        def printed():
            rest = iter(self.lines)
            return all(line in rest for line in lines)

        self.wait_until(printed)

    def wait_until(self, condition):
        """Looks at it at every line that is printed."""
        with self._changed:
            came = self._changed.wait_for(condition, self.patience)
        assert came, f"it did not come about; the example printed: {self.lines}"

    def end(self):
        """Waits for its own end; returns its exit status."""
        status = self.process.wait(self.patience)
        self._reader.join(PATIENCE)
        return status


@pytest.fixture
def start(target):
    """Starts an example with definitions in place of its own; it ends with the test."""
    with contextlib.ExitStack() as stack:

        def start(name, folder=EXAMPLES, **defines):
            pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
            process = target.popen(folder / f"{name}.py", defines, text=True, **pipes)
            stack.enter_context(process)
            stack.callback(process.kill)
            return Running(process, PATIENCE * target.slowness)

        yield start


@pytest.mark.smoke
def test_hello(target):
    """With mosquitto_pub as the other client."""
    command = [sys.executable, str(ROOT / "python_tests" / "demo.py"), "--target", target.name]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
    lines = result.stdout.splitlines()
    assert result.returncode == 0, result.stdout
    assert "connected, return code 0" in lines
    own = [line for line in lines if line.startswith("  got ") and " on demo/hello/" in line]
    assert own == [f"  got {f'Grüße at QoS {qos}'.encode()!r} on demo/hello/{qos}" for qos in range(3)]
    others = [line for line in lines if line.startswith("  got ") and " on demo/from-mosquitto_pub/" in line]
    assert others == [f"  got b'hello at QoS {qos}' on demo/from-mosquitto_pub/{qos}" for qos in range(3)]
    assert lines[-1] == "done, 6 messages received"
    assert "Traceback" not in result.stdout


def test_publish(start, target, broker):
    with Peer(broker) as peer:
        peer.subscribe("example/#", 2)
        assert start("publish", HOST=target.host, PORT=broker.port).end() == 0
        assert peer.take(1) == [("example/greeting", b"hello")]
        assert peer.details == [(1, False)]


def test_publish_prints_the_reason_of_a_refusal(start, target, new_broker):
    broker = new_broker(users={"ann": "secret"})
    example = start("publish", HOST=target.host, PORT=broker.port)
    assert example.end() == 1
    assert example.lines[-1] == "OSError: the broker refuses: code 5"


def test_subscribe(start, target, broker):
    example = start("subscribe", HOST=target.host, PORT=broker.port)
    example.wait_for("subscribed")
    with Peer(broker) as peer:
        peer.deliver("example/one", b"1", 0)
        peer.deliver("another/one", b"2", 1)
        peer.deliver("example/two/three", b"3", 2)
        example.wait_for("example/one b'1'", "example/two/three b'3'")
    if isinstance(target, Unix):
        example.process.send_signal(signal.SIGINT)
        assert example.end() == 0
        assert example.lines == ["subscribed", "example/one b'1'", "example/two/three b'3'"]


def readings(peer, count):
    """The next readings of the always-on sensor: their numbers."""
    numbers = []
    while len(numbers) < count:
        [(topic, payload)] = peer.take(1)
        if topic == "sensor/sensor-1/reading":
            number, value = map(int, payload.split())
            assert value > 0
            numbers.append(number)
    return numbers


def state(peer):
    """The next state of the always-on sensor."""
    while True:
        [(topic, payload)] = peer.take(1)
        if topic == "sensor/sensor-1/state":
            return payload


def test_sensor_always_on(start, target, new_broker):
    """It begins before its broker, outlives the broker's restart, and is missed when it dies."""
    broker = new_broker(persistence=True)
    broker.kill()
    options = {"PERIOD": 50, "LONGEST_PAUSE": 500}
    example = start("sensor_always_on", HOST=target.host, PORT=broker.port, **options)
    example.wait_until(lambda: example.lines)
    assert example.lines[0].startswith("no connection: "), example.lines
    broker.start()
    example.wait_until(lambda: said(example).count("online") == 1)
    # A session of its own shows what was sent to the broker whenever the listener was away.
    with Peer(broker, "listener", clean_session=False) as peer:
        peer.subscribe("sensor/#", 1)
        assert state(peer) == b"online"
        before = readings(peer, 5)
        broker.restart()
        after = readings(peer, 10)
        numbers = before + after
        assert sorted(set(numbers)) == list(dict.fromkeys(numbers)), "out of order"
        assert set(numbers) == set(range(numbers[0], numbers[-1] + 1)) - missed(example)
        example.wait_until(lambda: said(example).count("online") == 2)
        example.process.kill()
        while state(peer) != b"offline":
            pass


def said(example):
    """The text that the example has printed: its two threads print into each other's lines."""
    return "\n".join(example.lines)


def missed(example):
    """The messages that the example says it has not sent."""
    return {int(number) for number in re.findall(r"reading (\d+) was not sent", said(example))}


def test_sensor_that_sleeps(start, target, broker):
    with Peer(broker) as peer:
        peer.subscribe("sensor/#", 1)
        example = start("sensor_deep_sleep", HOST=target.host, PORT=broker.port, PERIOD=1000)
        status = example.end()
        if isinstance(target, Unix):
            assert status == 0
            assert example.lines == ["sent", "no deep sleep here"]
        else:
            # Deep sleep ends in a reset.
            assert example.lines[0] == "sent", example.lines
        [(topic, payload)] = peer.take(1)
        assert topic == "sensor/sensor-2/reading" and int(payload) > 0
        peer.deliver(topic, b"", 1, retain=True)


def test_sensor_that_cannot_send_sleeps(start, target, tmp_path):
    """With a `machine` that tells what it was asked for."""
    if not isinstance(target, Unix):
        pytest.skip("the target has no files")
    (tmp_path / "machine.py").write_text("def deepsleep(ms): print('asleep', ms)\n")
    (tmp_path / "sensor.py").write_text((EXAMPLES / "sensor_deep_sleep.py").read_text())
    example = start("sensor", tmp_path, HOST=target.host, PORT=1)
    assert example.end() == 0
    fault, asleep = example.lines
    assert fault.startswith("not sent: [Errno ")
    assert 290000 < int(asleep.removeprefix("asleep ")) <= 300000


def test_bridge(start, target, new_broker):
    """All three QoS; and nothing is lost while the second broker is away."""
    source, goal = new_broker(), new_broker(persistence=True)
    places = {"FROM_HOST": target.host, "FROM_PORT": source.port, "TO_HOST": target.host, "TO_PORT": goal.port}
    with Peer(source) as sender:
        sender.deliver("sensor/kept", b"kept", 1, True)
    start("bridge", **places).wait_for("bridging")
    with Peer(source) as sender, Peer(goal, "listener", clean_session=False) as listener:
        listener.subscribe("#", 1)
        # The retained flag crosses, too: a later subscriber gets the message.
        assert listener.take(1) == [("house-1/sensor/kept", b"kept")]
        with Peer(goal, "later") as later:
            later.subscribe("house-1/sensor/kept", 2)
            assert later.take(1) == [("house-1/sensor/kept", b"kept")] and later.details == [(1, True)]
        for qos in range(3):
            sender.deliver(f"sensor/{qos}", b"early", qos)
        assert listener.take(3) == [(f"house-1/sensor/{qos}", b"early") for qos in range(3)]
        goal.stop()
        for number in range(5):
            sender.deliver(f"sensor/{number}", b"late", 1)
        goal.start()
        # At least once: one may have been under way when the connection was lost, an early one perhaps
        # still unacknowledged by the listener.
        late = {}
        while len(late) < 5:
            late.update((topic, None) for topic, payload in listener.take(1) if payload == b"late")
        assert list(late) == [f"house-1/sensor/{number}" for number in range(5)]


@pytest.fixture
def tls_broker(new_broker, tmp_path):
    """A broker that wants a certificate of the client."""
    chain, key = certificates.local_server().files(tmp_path)
    ca = tmp_path / "ca.pem"
    ca.write_text(certificates.root().pem)
    config = [f"certfile {chain}", f"keyfile {key}", f"cafile {ca}", "require_certificate true"]
    return new_broker(config=[*config, "use_identity_as_username true"])


def test_tls_client_certificate(start, target, tls_broker, tmp_path):
    if not isinstance(target, Unix):
        pytest.skip("the target has no files")
    root = certificates.root()
    ours = certificates.issue("a client", root, usages=(certificates.CLIENT,))
    certificate, key = ours.files(tmp_path)
    places = {"HOST": "localhost", "PORT": tls_broker.port, "CA_FILE": str(tmp_path / "ca.pem"), "KEY_FILE": str(key)}
    with Peer(tls_broker, tls=root, identity=ours) as peer:
        peer.subscribe("example/#", 1)
        example = start("tls_client_certificate", **places, CERTIFICATE_FILE=str(certificate))
        assert (example.end(), example.lines) == (0, ["published"])
        assert peer.take(1) == [("example/secret", b"hello")]
        assert " as tls-publisher (p2, c1, k60, u'a client')" in tls_broker.log()
        # One that nobody knows is refused.
        stranger, key = certificates.issue("a stranger", usages=(certificates.CLIENT,)).files(tmp_path)
        example = start("tls_client_certificate", **places | {"KEY_FILE": str(key)}, CERTIFICATE_FILE=str(stranger))
        assert example.end() == 0
        assert example.lines[0].startswith("not published: "), example.lines
        assert peer.is_empty()


def test_firmware_update(start, target, new_broker, tmp_path):
    """A damaged image, one that is cut in the middle, and one that is whole."""
    if not isinstance(target, Unix):
        pytest.skip("the target has no files")
    broker = new_broker()
    firmware = random.Random(18).randbytes(3_000_000)
    image = firmware + hashlib.sha256(firmware).digest()
    file = tmp_path / "firmware.bin"
    with FaultProxy(broker.host, broker.port) as proxy, Peer(broker) as peer:
        example = start("firmware_update", HOST=target.host, PORT=proxy.port, FILE=str(file))
        example.wait_for("ready")
        peer.deliver("device/board-1/firmware", b"x" + image[1:], 1)
        example.wait_for("the image is damaged")
        assert not file.exists()
        proxy.cut_after("down", "bytes", 1_000_000)
        peer.deliver("device/board-1/firmware", image, 1)
        assert example.end() == 0
        # The connection was cut, and there was another one.
        assert proxy.accepted == 2
    assert example.lines == ["ready", "the image is damaged", "updated"]
    assert file.read_bytes() == firmware


def test_commands(start, target, broker):
    example = start("commands", HOST=target.host, PORT=broker.port)
    example.wait_for("ready")
    with Peer(broker) as peer:
        peer.subscribe("device/+/response", 2)
        commands = [
            b'{"id": 1, "do": "add", "args": [1, 2]}',
            b'{"id": 2, "do": "fly"}',
            b'{"id": 3, "do": "add", "args": ["a"]}',
            b"nonsense",
            b'{"id": 4, "do": "stop"}',
        ]
        for command in commands:
            peer.publish("device/board-1/command", command, 2)
        took = peer.take(len(commands))
    assert {topic for topic, _ in took} == {"device/board-1/response"}
    responses = [json.loads(payload) for _, payload in took]
    assert responses[0] == {"id": 1, "result": 3}
    assert responses[1] == {"id": 2, "error": "KeyError: fly"}
    assert responses[2]["id"] == 3 and responses[2]["error"].startswith("TypeError: ")
    assert responses[3]["error"].startswith("ValueError: ") and "id" not in responses[3]
    assert responses[4] == {"id": 4, "result": "stopping"}
    assert example.end() == 0
    assert example.lines == ["ready"]


def test_asyncio_commands(start, target, broker):
    example = start("asyncio_commands", HOST=target.host, PORT=broker.port)
    example.wait_for("ready")
    with Peer(broker) as peer:
        peer.subscribe("device/+/response", 2)
        commands = [b'{"id": 1, "do": "wait", "ms": 100}', b"nonsense", b'{"id": "stop", "do": "stop"}']
        for command in commands:
            peer.publish("device/board-1/command", command, 2)
        responses = [json.loads(payload) for _, payload in peer.take(len(commands))]
    assert responses[0] == {"id": 1, "result": "done"}
    assert responses[1]["error"].startswith("ValueError")
    assert responses[2] == {"id": "stop", "result": "done"}
    assert example.end() == 0


@pytest.mark.parametrize("secured", [False, True], ids=["plain", "TLS"])
def test_asyncio_sensor(start, target, new_broker, tmp_path, secured):
    config, ca = [], ""
    if secured:
        if not isinstance(target, Unix):
            pytest.skip("this target has no built-in TLS")
        chain, key = certificates.local_server().files(tmp_path)
        config, ca = [f"certfile {chain}", f"keyfile {key}"], certificates.root().pem
    if secured:
        broker, watched = new_broker(config=config), None
    else:
        broker = watched = new_broker()
    example = start("asyncio_sensor", HOST="localhost" if secured else target.host, PORT=broker.port, PERIOD=100, CA=ca)
    example.wait_for("online")
    if watched is None:
        return
    with Peer(watched) as peer:
        peer.subscribe("sensor/sensor-1/reading", 1)
        first, second = (int(payload.split()[0]) for _, payload in peer.take(2))
        assert second == first + 1


def test_thermostat_with_mqtt_as(start, target, new_broker):
    broker = new_broker()
    packages = modules.of_packages("mqtt_as", "mqtt_ssl_params")
    example = start("mqtt_as_thermostat", HOST=target.host, PORT=broker.port, PERIOD=100, MODULES=packages)
    example.wait_for("online")
    with Peer(broker) as peer:
        peer.subscribe("thermostat/hall/state", 1)
        assert peer.take(1) == [("thermostat/hall/state", b"online")]
        peer.deliver("thermostat/hall/set", b"warm", 1)
        peer.deliver("thermostat/hall/set", b"25", 1)
        example.wait_for("not a temperature: b'warm'", "target 25.0")
        with Peer(broker) as recorder:
            recorder.subscribe("thermostat/hall/temperature", 1)
            while float(recorder.take(1)[0][1]) < 24:
                pass
        if isinstance(target, Unix):
            # The end by hand is no disconnect().
            example.process.send_signal(signal.SIGINT)
        else:
            example.process.kill()
        assert peer.take(1) == [("thermostat/hall/state", b"offline")]


def test_home_assistant(start, target, new_broker):
    broker = new_broker()
    example = start("home_assistant", HOST=target.host, PORT=broker.port, PERIOD=100)
    example.wait_for("announced")
    with Peer(broker) as peer:
        peer.subscribe("homeassistant/+/#", 1)
        configs = dict(peer.take(2))
        switch = json.loads(configs["homeassistant/switch/micropython-1/relay/config"])
        sensor = json.loads(configs["homeassistant/sensor/micropython-1/memory/config"])
        for config in (switch, sensor):
            assert config["device"]["identifiers"] == ["micropython-1"]
            assert config["availability_topic"] == "micropython-1/availability"
        assert switch["unique_id"] != sensor["unique_id"]
        # The topics that the announcement names exist.
        with Peer(broker) as house:
            house.subscribe(switch["availability_topic"], 1)
            assert house.take(1) == [(switch["availability_topic"], b"online")]
            house.subscribe(switch["state_topic"], 1)
            assert house.take(1) == [(switch["state_topic"], b"OFF")]
            house.deliver(switch["command_topic"], b"ON", 1)
            assert house.take(1) == [(switch["state_topic"], b"ON")]
            with Peer(broker) as recorder:
                recorder.subscribe(sensor["state_topic"])
                assert all(int(payload) > 0 for _, payload in recorder.take(2))
            # Home Assistant comes back.
            house.deliver("homeassistant/status", b"online", 1)
            assert dict(pair for pair in peer.take(3) if pair[0] != "homeassistant/status") == configs
            example.process.kill()
            assert house.take(1) == [(switch["availability_topic"], b"offline")]


def test_sensor_that_sleeps_keeps_its_session(start, target, broker, tmp_path):
    """With a `machine` whose clock has a memory in a file: a reading that could not leave, and a command."""
    if not isinstance(target, Unix):
        pytest.skip("the target has no files")
    kept = tmp_path / "memory"
    kept.write_bytes(b"")
    (tmp_path / "machine.py").write_text(
        "class RTC:\n"
        "    def memory(self, state=None):\n"
        f"        with open({str(kept)!r}, 'rb' if state is None else 'wb') as file:\n"
        "            return file.read() if state is None else file.write(state)\n"
        "def deepsleep(ms): print('asleep')\n"
    )
    source = (EXAMPLES / "sensor_deep_sleep.py").read_text()

    def wake(port):
        (tmp_path / "sensor.py").write_text(source)
        example = start("sensor", tmp_path, HOST=target.host, PORT=port)
        assert example.end() == 0
        return example.lines

    with Peer(broker) as peer:
        peer.subscribe("sensor/sensor-2/reading", 1)
        assert wake(broker.port) == ["sent", "asleep"]
        peer.take(1)
        assert wake(1)[0].startswith("not sent: [Errno ")
        peer.deliver("sensor/sensor-2/command", b"measure twice", 2)
        assert wake(broker.port) == ["command: b'measure twice'", "sent", "asleep"]
        assert len(peer.take(2)) == 2
        assert wake(broker.port) == ["sent", "asleep"]


def test_file_store(start, target, broker, tmp_path):
    """Killed in the middle, it goes on; and the next program finds all done."""
    if not isinstance(target, Unix):
        pytest.skip("the target has no files")
    places = {"HOST": target.host, "PORT": broker.port, "PATH": str(tmp_path / "session"), "MESSAGES": 8}
    with Peer(broker) as peer:
        peer.subscribe("counter/#", 2)
        example = start("file_store", **places)
        came = peer.take(3)
        example.process.kill()
        example.end()
        (example := start("file_store", **places)).wait_for("published 8")
        assert example.end() == 0
        came += peer.take(5)
        assert [payload for _, payload in came] == [b"reading %06d" % number for number in range(8)]
        example = start("file_store", **places)
        assert example.end() == 0
        assert peer.is_empty()
