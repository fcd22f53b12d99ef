"""Faults of network and broker, with MQTT 5."""

import pytest
from harness.fake_broker import FakeBroker
from harness.small_broker import Cut, SmallBroker

COUNT = 20
CUTS = [
    Cut("before", "in", "PUBLISH", 3),
    Cut("after", "in", "PUBLISH", 8),
    Cut("after", "out", "PUBREC", 9),
    Cut("before", "in", "PUBREL", 6),
    Cut("after", "in", "PUBREL", 12, "rst"),
    Cut("after", "out", "PUBCOMP", 15, "rst"),
]


@pytest.mark.parametrize("most", [1, 3, 65535])
def test_exactly_once_over_cuts(run_script, most):
    class Broker(SmallBroker):
        def _on_publish(self, packet):
            answers = super()._on_publish(packet)
            # [MQTT5-3.3.4-7] those of the last connection included.
            assert len(self._incoming) <= most
            return answers

    small = Broker(CUTS, receive_maximum=most)
    with FakeBroker(small, clients=["v5"]) as broker:
        run_script("exactly_once_over_cuts", PORT=broker.port, COUNT=COUNT)
    assert not small.cuts and len(small.connects) == len(CUTS) + 1
    assert [int(payload) for _, payload, _, _, _ in small.taken] == list(range(COUNT))
