"""Much at once, and much in a row."""

import pytest
from harness.scenes import WINDOW
from harness.targets import Mps2

CASES = (
    "publish_0 publish_1 publish_2 subscribe resubscribe unsubscribe unsubscribe_itself reconnect disconnect "
    "disconnect_and_connect raising recursion computing"
).split()


@pytest.mark.parametrize("qos", [1, 2])
@pytest.mark.parametrize("case", CASES)
@pytest.mark.both_versions(qos=[2])
def test_functions_that_call_methods_while_a_flood_comes_in(new_broker, run_script, case, qos):
    broker = new_broker(config=WINDOW)
    run_script("calls_in_functions_beside_a_flood", 50, PORT=broker.port, CASE=case, QOS=qos, MESSAGES=1000)


@pytest.mark.both_versions
def test_eight_threads_publish_while_the_loop_receives(new_broker, run_script):
    run_script("threads_publish_beside_a_flood", 50, PORT=new_broker(config=WINDOW).port)


@pytest.mark.parametrize("qos", [0, 1, 2])
@pytest.mark.both_versions
def test_a_message_larger_than_the_memory_is_thrown_away(larger_than_the_memory, qos):
    larger_than_the_memory(qos)


@pytest.mark.first
def test_100_000_messages_leave_nothing_behind(run_script):
    run_script("many_messages_leave_nothing", 100, COUNT=100_000)


def test_1000_connections_leave_nothing_behind(run_script):
    run_script("many_connections_leave_nothing", 60, ROUNDS=1000)


def test_clients_that_the_program_forgot_are_collected(run_script):
    run_script("forgotten_clients", 30, CLIENTS=100)


@pytest.mark.both_versions(board=False)
def test_a_broker_that_sends_and_reads_nothing_is_noticed_by_the_keep_alive(sends_and_reads_nothing):
    sends_and_reads_nothing(KEEPALIVE=3, PATIENCE=60000)


@pytest.mark.both_versions(board=False)
def test_a_broker_that_sends_and_reads_nothing_is_noticed_within_command_timeout(sends_and_reads_nothing, target):
    if isinstance(target, Mps2):
        pytest.skip("QEMU's network stops sending, too, and then nothing has to be acknowledged")
    sends_and_reads_nothing(KEEPALIVE=0, PATIENCE=3000)
