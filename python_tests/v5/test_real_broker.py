"""MQTT 5 with Mosquitto."""

import pytest

CASES = "message_with_properties options_of_subscriptions shared_subscription session_expiry will_in_time chosen_identifier"


@pytest.mark.parametrize("case", CASES.split())
def test_mosquitto(run_script, case):
    run_script("real_broker", CASE=case)
