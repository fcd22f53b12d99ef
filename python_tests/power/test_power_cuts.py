"""The program is killed at any moment while it publishes and receives, and goes on with the session that it stored."""

import os
import random
import shutil
import subprocess
import time

import pytest
from harness.peer import Peer
from harness.targets import ROOT, Unix
from soak import ORDERLY

CUTS = int(os.environ.get("CUTS", "60"))
# Messages to the program between two cuts.
MESSAGES = 3
# The longest time up to a cut, in s: a program that is left alone connects in a few ms.
LONGEST = 0.25


@pytest.mark.timeout(120 + 2 * CUTS)
def test_exactly_once_through_power_cuts(target, new_broker, tmp_path):
    if not isinstance(target, Unix):
        pytest.skip("it kills the interpreter, and the files have to stay")
    broker = new_broker(config=ORDERLY)
    # The class without the program.
    source, _, _ = (ROOT / "examples" / "file_store.py").read_text(encoding="utf-8").partition("\ndef text_of(")
    (tmp_path / "file_store.py").write_text(source, encoding="utf-8")
    script = tmp_path / "power_cuts.py"
    shutil.copy(ROOT / "python_tests" / "power" / "power_cuts.py", script)
    defines = {"HOST": broker.host, "PORT": broker.port, "PATH": str(tmp_path / "session")}
    chance = random.Random(1)
    number = 0
    with Peer(broker) as peer:
        peer.subscribe("out/#", 2)
        came = []
        for _ in range(CUTS):
            process = target.popen(script, defines, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            if not came:
                # It has subscribed.
                came += peer.take(1)
            for _ in range(MESSAGES):
                peer.publish("in", b"%d" % number, 2)
                number += 1
            time.sleep(chance.uniform(0, LONGEST))
            process.kill()
            output, _ = process.communicate()
            assert output == "", output
        peer.publish("in", b"end", 2)
        result = target.run(script, defines, 60, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert result.stdout.endswith("OK\n"), result.stdout
        at_least_once, exactly_once, received = map(int, result.stdout.split()[:3])
        assert received == number
        peer.deliver("out/end", b"", 2)
        while came[-1][0] != "out/end":
            came += peer.take(1)

    def numbers(topic):
        return [int(payload.split()[1]) for other, payload in came if other == topic]

    assert numbers("out/2") == list(range(exactly_once))
    assert list(dict.fromkeys(numbers("out/1"))) == list(range(at_least_once))
    assert exactly_once > CUTS / 2, "it hardly ran"
