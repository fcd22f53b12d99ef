"""Shared subscriptions: `$share/group/filter`, with a broker that knows them."""

import pytest
from harness.peer import Peer


@pytest.mark.parametrize("qos", [0, 1, 2])
def test_members_of_a_group_share_the_messages(run_script, broker, qos):
    """Each message comes to one member, once; a subscription of its own gets them all."""
    with Peer(broker) as peer:

        def publish():
            for number in range(20):
                peer.publish(f"shared-{qos}/{number % 2}", b"%d" % number, qos)

        peer.on(f"begin-{qos}", publish)
        run_script("shared_subscription", QOS=qos, COUNT=20)
