"""The power fails at any moment while a program publishes and receives; it goes on with the session that it stored."""

import json
import os
import random
import shutil
import socket
import subprocess
import time

import pytest
from harness.peer import Peer
from harness.qemu import HOST
from harness.targets import ROOT, Mps2, Unix
from paho.mqtt import client as paho
from soak import ORDERLY

POWER = ROOT / "python_tests" / "power"
VERSIONS = (4, 5)
# Of each version.
CUTS = int(os.environ.get("CUTS", "60")) // len(VERSIONS)
# A board takes a second to start.
BOARD_CUTS = int(os.environ.get("CUTS", "12")) // len(VERSIONS)
# Messages to the program between two cuts.
MESSAGES = 3
# The longest time up to a cut, in s: a program that is left alone connects in a few ms.
LONGEST = 0.25
# Memory of the board that neither its firmware nor a reset touches.
MEMORY = 0x21000000
BOARD_STORE = f"""
import uctypes
store = MemoryStore(memoryview(uctypes.bytearray_at({MEMORY:#x}, 4096)))
"""


class Traffic:
    """The messages to the program and from it."""

    def __init__(self, peer, version):
        self.peer = peer
        self.version = version
        self.sent = 0
        self.came = []
        peer.subscribe("out/#", 2)

    def begin(self):
        """Sends the program some messages, once it has subscribed."""
        if not self.came:
            self.came += self.peer.take(1)
        for _ in range(MESSAGES):
            self.peer.publish("in", b"%d" % self.sent, 2)
            self.sent += 1

    def end(self):
        self.peer.publish("in", b"end", 2)

    def check(self, output):
        """Compares with the program's own counts, its last output."""
        assert output.endswith("OK\n"), output
        at_least_once, exactly_once, received = map(int, output.split()[-4:-1])
        assert received == self.sent
        self.peer.deliver("out/end", b"", 2)
        while self.came[-1][0] != "out/end":
            self.came += self.peer.take(1)
        assert self.numbers("out/2") == list(range(exactly_once))
        assert list(dict.fromkeys(self.numbers("out/1"))) == list(range(at_least_once))
        if self.version == 5:
            # Every message came with its properties, those that a restored session has sent, too.
            payloads = [payload.decode() for topic, payload in self.came if topic != "out/end"]
            assert self.peer.content_types[: len(payloads)] == payloads
        assert exactly_once > self.sent / MESSAGES / 2, "it hardly ran"

    def numbers(self, topic):
        return [int(payload.split()[1]) for other, payload in self.came if other == topic]


def peer_of(broker, version):
    return Peer(broker, protocol=paho.MQTTv5 if version == 5 else paho.MQTTv311)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.timeout(120 + 2 * CUTS)
def test_exactly_once_through_kills(target, new_broker, run_script, tmp_path, version):
    """The interpreter is killed, and the store is a file."""
    if not isinstance(target, Unix):
        pytest.skip("the board has its own test")
    run_script("has_version", PROTOCOL=version)
    broker = new_broker(config=ORDERLY)
    # The class without the program.
    source, _, _ = (ROOT / "examples" / "file_store.py").read_text(encoding="utf-8").partition("\ndef text_of(")
    (tmp_path / "store.py").write_text(f"{source}\nstore = FileStore({str(tmp_path / 'session')!r})\n", encoding="utf-8")
    script = tmp_path / "power_cuts.py"
    shutil.copy(POWER / "power_cuts.py", script)
    defines = {"HOST": broker.host, "PORT": broker.port, "PROTOCOL": version}
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    chance = random.Random(1)
    with peer_of(broker, version) as peer:
        traffic = Traffic(peer, version)
        for _ in range(CUTS):
            process = target.popen(script, defines, **options)
            traffic.begin()
            time.sleep(chance.uniform(0, LONGEST))
            process.kill()
            output, _ = process.communicate()
            assert output == "", output
        traffic.end()
        traffic.check(target.run(script, defines, 60, **options).stdout)


class Reset:
    """The board's reset button."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(path))
        self._lines = self._socket.makefile("rw", encoding="utf-8")
        self._lines.readline()
        self._execute("qmp_capabilities")

    def _execute(self, command):
        print(json.dumps({"execute": command}), file=self._lines, flush=True)
        while "return" not in json.loads(self._lines.readline()):
            pass

    def __call__(self, board):
        self._execute("system_reset")
        board.read_until(b">>> ")
        board.enter_raw_repl()
        board.run(board.network_up)


@pytest.mark.board
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.timeout(300 + 20 * BOARD_CUTS)
def test_exactly_once_through_resets(target, new_broker, power_up, run_script, tmp_path, version):
    """The board is reset, and the store is memory that survives it."""
    if not isinstance(target, Mps2):
        pytest.skip("QEMU has the reset button")
    run_script("has_version", PROTOCOL=version)
    broker = new_broker(config=ORDERLY)
    path = tmp_path / "qemu"
    board = power_up(options=("-action", "reboot=reset", "-qmp", f"unix:{path},server=on,wait=off"))
    reset = Reset(path)
    program = (POWER / "power_cuts.py").read_text(encoding="utf-8").replace("from store import store\n", "")
    source = f"HOST, PORT, PROTOCOL = {HOST!r}, {broker.port}, {version}\n"
    source += (POWER / "memory_store.py").read_text(encoding="utf-8") + BOARD_STORE + program
    chance = random.Random(1)
    with peer_of(broker, version) as peer:
        traffic = Traffic(peer, version)
        for _ in range(BOARD_CUTS):
            board.start(source)
            traffic.begin()
            time.sleep(chance.uniform(0, 4 * LONGEST))
            reset(board)
        traffic.end()
        traffic.check(board.run(source, 120))
