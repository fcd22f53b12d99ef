"""The fixture of the tests of MQTT 5."""

import pytest
from harness.fake_broker import FakeBroker

TIMEOUT = 40


@pytest.fixture
def play(run_script):
    """Runs a case of a script of this folder against a broker that follows `script`; returns the client's output."""

    def run(name, script, timeout=TIMEOUT, **defines):
        with FakeBroker(script, clients=["v5"]) as broker:
            return run_script(name, timeout, PORT=broker.port, **defines)

    return run
