"""The behaviour of the native module that differs from that of the module in a firmware."""

import pytest
from harness.targets import Unix

pytestmark = pytest.mark.natmod


@pytest.mark.smoke
def test_an_exit_in_a_callback_reaches_the_main_program(run_script, target):
    if isinstance(target, Unix):
        pytest.skip("a thread prints it, as in a firmware")
    run_script("exit_in_callback")
