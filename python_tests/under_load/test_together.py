"""A short load; `make load` is the long one."""

import pytest
from harness.flooding import SECONDS
from load import load


@pytest.mark.timeout(400 + 2 * SECONDS)
@pytest.mark.both_versions(board=False)
def test_everything_at_once(target, tls, version):
    print(load(target, max(SECONDS, 20), tls, version))
