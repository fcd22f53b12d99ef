"""A broker that ends and comes back, while a client works with it."""

import pytest
from harness.fault_proxy import Remote

TIMEOUT = 60


@pytest.fixture
def play(new_broker, run_script):
    """Runs a case of broker_cases.py with a broker that it can end and start again."""

    def run(case, persistence, **defines):
        # A large window: Mosquitto 2.0 changes the order of QoS 2 messages that queue for it.
        broker = new_broker(persistence=persistence, config=["max_inflight_messages 1000"])
        with Remote(stop=broker.stop, kill=broker.kill, start=broker.start) as remote:
            return run_script("broker_cases", TIMEOUT, PORT=broker.port, CONTROL=remote.port, CASE=case, **defines)

    return run


def test_mqtt_4_4_0_1_nothing_is_lost_over_restarts(play):
    (sent,) = play("nothing_is_lost", True, RESTARTS=10)
    assert int(sent) > 80


@pytest.mark.parametrize("clean", [True, False], ids=["clean", "kept"])
@pytest.mark.parametrize("how, persistence", [("kill", False), ("stop", False), ("stop", True)])
def test_subscriptions_come_back_with_the_broker(play, how, persistence, clean):
    play("subscriptions_come_back", persistence, RESTARTS=10, HOW=how, CLEAN=clean)
