"""Client is a class as those that are written in Python."""

import pytest
from harness.obliging import ObligingBroker, echo


@pytest.fixture
def echoing():
    with ObligingBroker(echo) as broker:
        yield broker


def test_classes_that_derive_from_it(run_script, echoing):
    run_script("subclasses", HOST=echoing.host, PORT=echoing.port)


@pytest.mark.parametrize(
    "script",
    [
        "attributes_of_clients",
        "client_before_init",
        "client_in_callbacks",
        "client_init_again",
        "client_repr",
    ],
)
def test_a_client_as_an_object(run_script, echoing, script):
    run_script(script, HOST=echoing.host, PORT=echoing.port)


def test_help(run_script):
    """It lists the methods and the attributes, of the class as of a client."""
    lines = run_script("help_of_clients")
    middle = lines.index("and")
    for part in (lines[:middle], lines[middle:]):
        names = {line.split(" -- ")[0].strip() for line in part if " -- " in line}
        assert names >= {"connect", "publish", "disconnect", "message", "session_present", "failure", "__init__"}
