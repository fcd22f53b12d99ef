"""The collector, and what a client leaves behind."""

import pytest
from obliging import ObligingBroker, echo


@pytest.fixture
def echoing():
    with ObligingBroker(echo) as broker:
        yield broker


def test_collecting_beside_traffic(run_script, broker):
    """gc.collect() in a tight loop, in every thread there is."""
    run_script("collecting", MESSAGES=150, TOPIC="collecting")


def test_clients_that_are_forgotten(run_script, echoing):
    """They are collected, and their sockets closed: connected, without a loop, refused, never connected."""
    run_script("forgotten", HOST=echoing.host, PORT=echoing.port, CLIENTS=300)
    kinds = echoing.kinds()
    assert kinds.count("CONNECT") >= 300


def test_connecting_again_and_again_leaves_nothing_open(run_script, echoing):
    run_script("again_and_again", HOST=echoing.host, PORT=echoing.port, TIMES=300)


def test_no_memory_for_a_message(run_script, broker):
    """A message that does not fit is thrown away, with a line on the console; the rest goes on."""
    lines = run_script("too_large", TOPIC="too/large")
    assert len([line for line in lines if line.startswith("mqtt: a message was thrown away")]) == 2


def test_the_loop_runs_beside_a_busy_program(run_script, echoing):
    """While the main program computes, sleeps and waits, messages come in soon."""
    run_script("busy_main", HOST=echoing.host, PORT=echoing.port)
