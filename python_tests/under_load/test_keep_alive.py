"""The keep-alive while the client has other things to do than to look at its clock."""

import pytest
from harness.flooding import SECONDS

READERS = pytest.mark.parametrize("loop", [True, False], ids=["loop", "no loop"])


@READERS
@pytest.mark.timeout(300 + 3 * SECONDS)
@pytest.mark.both_versions(board=False, loop=[True])
def test_messages_that_come_twice_as_fast_as_the_function_takes_them(steady, loop):
    steady(pings=loop, LOOP=loop)


@READERS
@pytest.mark.parametrize("qos", [0, 1])
@pytest.mark.both_versions(board=False, loop=[True])
def test_a_payload_that_takes_several_times_the_keep_alive_to_arrive(slow_payload, loop, qos):
    slow_payload(qos, LOOP=loop)


@pytest.mark.parametrize("how", ["killed", "reset", "silent"])
@pytest.mark.both_versions
def test_a_broker_that_dies_while_its_messages_are_delivered(dying, how):
    """`connected()` says so after 1.5 times the keep-alive and one function, not after the backlog."""
    dying(how)
