"""mqtt_aio under load: back-pressure, deadlines and the keep-alive, and functions that are slow or wait for calls."""

import pytest
from harness.fake_broker import FakeBroker
from harness.fault_proxy import FaultProxy
from harness.flooding import KINDS, SECONDS, flooding
from harness.scenes import WINDOW
from harness.targets import EmulatedBoard, Mps2
from soak import ORDERLY

CASES = "publish_0 publish_1 publish_2 subscribe unsubscribe reconnect disconnect_and_connect raising".split()
CALLS = ("publish_1", "publish_2", "subscribe", "unsubscribe")
# A flood keeps an emulated board busy for a minute: see under_load/test_deadlines.py.
FLOODS = [pytest.param(kind, marks=[] if kind == "pingresp" else [pytest.mark.thorough]) for kind in KINDS]


@pytest.mark.timeout(300 + 3 * SECONDS)
@pytest.mark.parametrize("iterates", [False, True], ids=["function", "messages"])
@pytest.mark.both_versions(board=False, iterates=[True])
def test_messages_that_come_twice_as_fast_as_a_coroutine_takes_them(steady, iterates):
    steady(ITERATES=iterates)


@pytest.mark.parametrize("qos", [0, 1])
@pytest.mark.both_versions(board=False, qos=[1])
def test_a_payload_that_takes_several_times_the_keep_alive_to_arrive(slow_payload, qos):
    slow_payload(qos)


@pytest.mark.parametrize("how", ["killed", "reset", "silent"])
@pytest.mark.both_versions
def test_a_broker_that_dies_while_its_messages_are_delivered(dying, how):
    dying(how)


@pytest.mark.parametrize("qos", [0, 1, 2])
@pytest.mark.both_versions
def test_a_message_larger_than_the_memory_is_thrown_away(larger_than_the_memory, qos):
    larger_than_the_memory(qos)


@pytest.mark.both_versions(board=False)
def test_a_broker_that_sends_and_reads_nothing_is_noticed_by_the_keep_alive(sends_and_reads_nothing):
    sends_and_reads_nothing(KEEPALIVE=3, PATIENCE=60000)


@pytest.mark.both_versions(board=False)
def test_a_broker_that_sends_and_reads_nothing_is_noticed_within_command_timeout(sends_and_reads_nothing, target):
    if isinstance(target, Mps2):
        pytest.skip("QEMU's network stops sending, too, and then nothing has to be acknowledged")
    sends_and_reads_nothing(KEEPALIVE=0, PATIENCE=3000)


@pytest.mark.parametrize("qos", [1, 2])
@pytest.mark.parametrize("case", CASES)
@pytest.mark.both_versions(qos=[2])
def test_coroutines_that_await_calls_while_a_flood_comes_in(new_broker, run_script, target, case, qos):
    count = 200 if isinstance(target, EmulatedBoard) else 1000
    broker = new_broker(config=WINDOW)
    run_script("calls_in_functions_beside_a_flood", 60, PORT=broker.port, CASE=case, QOS=qos, MESSAGES=count)


@pytest.mark.parametrize("qos", [0, 1])
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.both_versions
def test_a_coroutine_whose_answer_is_behind_a_backlog(behind_a_backlog, call, qos):
    behind_a_backlog(call, qos)


@pytest.mark.both_versions
def test_a_coroutine_that_takes_longer_than_command_timeout_with_a_full_inbox(full_inbox):
    full_inbox()


@pytest.mark.parametrize("kind", FLOODS)
@pytest.mark.both_versions(board=False)
def test_a_flood_in_place_of_an_answer(run_script, kind):
    for call in CALLS if kind == "pingresp" else CALLS[:1]:
        with FakeBroker(flooding(kind)) as broker:
            run_script("flooded", 40, PORT=broker.port, CALL=call, COMMAND=2000)


@pytest.mark.first
@pytest.mark.both_versions(board=False)
def test_nothing_is_lost_over_a_link_that_breaks(run_script, new_broker, target):
    broker = new_broker(config=ORDERLY)
    count = 2000 if isinstance(target, EmulatedBoard) else 20_000
    defines = {"PORT": None, "MESSAGES": count, "FAULT_EVERY": 200 if isinstance(target, EmulatedBoard) else 1000}
    with FaultProxy(broker.host, broker.port, ["soak"]) as proxy:
        defines.update(PORT=proxy.port, CONTROL=proxy.control_port)
        lines = run_script("broken_link_again_and_again", 120, **defines)
    counts = dict(line.rsplit(" ", 1) for line in lines)
    # It was a soak only if the link did break.
    assert int(counts["reconnects"]) > 5, lines
