"""Requests and their answers, with a real broker of MQTT 5."""

import pytest


@pytest.mark.parametrize("qos", [0, 1, 2])
def test_requests_and_answers(run_script, broker, qos):
    """request() and reply(): a client asks another one."""
    run_script("requests_and_answers", QOS=qos)
