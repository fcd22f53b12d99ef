"""Methods of the module as callbacks of the module."""

import pytest
from harness.obliging import ObligingBroker, echo


@pytest.mark.smoke
def test_a_method_as_its_own_callback(run_script):
    """It ends with RuntimeError when the stack is used up, and the client goes on."""
    with ObligingBroker(echo) as broker:
        run_script("native_callbacks", HOST=broker.host, PORT=broker.port)
