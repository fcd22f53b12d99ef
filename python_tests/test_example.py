"""examples/hello.py shows what it should."""

import subprocess
import sys

import pytest
from targets import ROOT


@pytest.mark.smoke
def test_the_example(target):
    """With mosquitto_pub as the other client."""
    command = [sys.executable, str(ROOT / "python_tests" / "demo.py"), "--target", target.name]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
    lines = result.stdout.splitlines()
    assert result.returncode == 0, result.stdout
    assert "connected, return code 0" in lines
    own = [line for line in lines if line.startswith("  got ") and " on demo/hello/" in line]
    assert own == [f"  got {f'Grüße at QoS {qos}'.encode()!r} on demo/hello/{qos}" for qos in range(3)]
    others = [line for line in lines if line.startswith("  got ") and " on demo/from-mosquitto_pub/" in line]
    assert others == [f"  got b'hello at QoS {qos}' on demo/from-mosquitto_pub/{qos}" for qos in range(3)]
    assert lines[-1] == "done, 6 messages received"
    assert "Traceback" not in result.stdout
