"""A short soak; `make soak` is the long one."""

import pytest
from harness.fault_proxy import FaultProxy
from soak import ORDERLY


@pytest.mark.first
@pytest.mark.both_versions(board=False)
def test_nothing_is_lost_over_a_link_that_breaks(run_script, new_broker):
    broker = new_broker(config=ORDERLY)
    with FaultProxy(broker.host, broker.port, ["soak"]) as proxy:
        lines = run_script(
            "broken_link_again_and_again", 120, PORT=proxy.port, CONTROL=proxy.control_port, MESSAGES=20_000, FAULT_EVERY=1000
        )
    counts = dict(line.rsplit(" ", 1) for line in lines)
    # It was a soak only if the link did break.
    assert int(counts["reconnects"]) > 5, lines
