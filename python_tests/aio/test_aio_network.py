"""mqtt_aio behind a network that misbehaves, and with a broker that ends and comes back."""

import pytest
from harness.targets import EmulatedBoard

pytestmark = pytest.mark.both_versions


@pytest.mark.parametrize("busy", [False, True], ids=["idle", "publishing"])
def test_a_half_open_link_is_noticed_within_one_and_a_half_intervals(network, busy):
    network("half_open", BUSY=busy)


def test_a_publisher_on_a_link_that_takes_nothing(network):
    network("busy_on_a_stalled_link")


@pytest.mark.parametrize("qos", [1, 2])
def test_calls_on_a_black_link_end_in_time(network, qos):
    network("waiting_on_a_black_link", QOS=qos)


def test_writes_on_a_stalled_link_end_in_time(network):
    network("writing_on_a_stalled_link")


@pytest.mark.parametrize("case", ["connects_slowly", "refused", "asked_again"], ids=["slow", "closes", "function"])
def test_a_network_that(network, case):
    """It is slow; it closes connections at once: with a loop_failure the client tries again."""
    network(case)


@pytest.mark.parametrize("first", [1000, 200], ids=["alone", "auto_reconnect"])
def test_a_client_that_connects_again_by_itself(network, first):
    network("backing_off", FIRST=first)


def test_loop_failure_that_does_not_recover(network):
    lines = network("ways_to_end")
    assert lines.count("ValueError: as it should") == 2


@pytest.mark.parametrize("how", ["rst", "fin"])
@pytest.mark.parametrize("direction", ["up", "down"])
def test_mqtt_4_3_3_1_nothing_is_lost_or_doubled_wherever_the_link_is_cut(network, direction, how):
    network("cut_anywhere", DIRECTION=direction, HOW=how, PACKETS=12)


def test_mqtt_4_4_0_1_nothing_is_lost_over_restarts(restarting, target):
    # The script remembers all messages, for which a board has little memory.
    restarts = 2 if isinstance(target, EmulatedBoard) else 10
    (sent,) = restarting("nothing_is_lost", True, RESTARTS=restarts)
    assert int(sent) > 8 * restarts


@pytest.mark.parametrize("clean", [True, False], ids=["clean", "kept"])
@pytest.mark.parametrize("how, persistence", [("kill", False), ("stop", True)])
def test_subscriptions_come_back_with_the_broker(restarting, how, persistence, clean):
    restarting("subscriptions_come_back", persistence, RESTARTS=5, HOW=how, CLEAN=clean)
