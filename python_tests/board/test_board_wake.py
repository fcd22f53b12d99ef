"""The cost of a wake-up with a saved session, in instructions that QEMU counts."""

import sys

import pytest
from harness.targets import ROOT

sys.path.insert(0, str(ROOT / "bench"))
from wake import measure  # noqa: E402

pytestmark = pytest.mark.board


def test_a_wake_up_is_no_more_than_a_clean_connection(target):
    """Restore, connect, receive, disconnect, against connect, subscribe, disconnect."""
    cost = measure(target.name)
    # A message of QoS 1 changes nothing in the session: the device need not save it.
    wake = cost["saved"] - cost["saved: save"]
    assert wake <= cost["clean"], cost
