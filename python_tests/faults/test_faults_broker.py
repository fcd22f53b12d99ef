"""A broker that ends and comes back, while a client works with it."""

import pytest

pytestmark = pytest.mark.both_versions


def test_mqtt_4_4_0_1_nothing_is_lost_over_restarts(restarting):
    (sent,) = restarting("nothing_is_lost", True, RESTARTS=10)
    assert int(sent) > 80


@pytest.mark.parametrize("clean", [True, False], ids=["clean", "kept"])
@pytest.mark.parametrize("how, persistence", [("kill", False), ("stop", False), ("stop", True)])
def test_subscriptions_come_back_with_the_broker(restarting, how, persistence, clean):
    restarting("subscriptions_come_back", persistence, RESTARTS=10, HOW=how, CLEAN=clean)
