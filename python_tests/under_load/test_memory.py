"""The memory for messages that wait is bounded: TCP holds the sender back, and nothing is lost."""

import threading

import pytest
from harness.fake_broker import FakeBroker
from harness.fault_proxy import Remote
from harness.flooding import acknowledged_behind, fill, messages
from harness.targets import Mps2

pytestmark = pytest.mark.both_versions
READERS = pytest.mark.parametrize("loop", [True, False], ids=["loop", "no loop"])
QOS = pytest.mark.parametrize("qos", [0, 1, 2])


@READERS
@QOS
@pytest.mark.both_versions(board=False, qos=[2])
def test_a_program_that_publishes_faster_than_its_function_takes(run_script, new_broker, target, most, loop, qos):
    """The packets before its answers: they come, the messages too, and the memory in use stays as it is."""
    size, count = (300, 500) if isinstance(target, Mps2) else (1000, 2000)
    run_script(
        "own_messages",
        PORT=new_broker(config=["max_inflight_messages 1020"]).port,
        LOOP=loop,
        QOS=qos,
        SIZE=size,
        COUNT=count,
        MOST=most + size,
    )


@pytest.mark.parametrize("qos", [0, 1])
@pytest.mark.parametrize("call", ["publish_1", "publish_2", "subscribe", "unsubscribe"])
@READERS
def test_a_callback_whose_answer_is_behind_a_backlog(behind_a_backlog, loop, call, qos):
    """The call cannot keep the messages before its answer: ENOBUFS, and everything comes in order afterwards."""
    behind_a_backlog(call, qos, LOOP=loop)


def test_a_function_that_takes_longer_than_command_timeout_with_a_full_inbox(full_inbox):
    full_inbox()


@pytest.mark.parametrize("qos", [0, 1])
def test_a_thread_whose_answer_is_behind_a_backlog(run_script, packets, target, most, qos):
    """It waits while the loop's function does, in vain within its deadline; the broker can send no more."""
    if isinstance(target, Mps2):
        pytest.skip("it takes threads")
    size, count = 16 * 1024, 2500
    go_on = threading.Event()
    stalled = threading.Event()

    def script(broker):
        link = broker.accept()
        link.accept_connect()
        link.accept_subscribe()
        first = link.expect_packet("PUBLISH", topic="behind")
        data = packets.publish("m", b"hold") + b"".join(messages(packets, count, size, qos)) + packets.puback(first.packet_id)
        sent = fill(link, data, 60)
        stalled.set()
        broker.patience = 60
        assert go_on.wait(60)
        acknowledged = acknowledged_behind(link, data[sent:])
        assert acknowledged == [number + 1 for number in range(count)] * qos
        return sent, len(data)

    def until_stalled():
        assert stalled.wait(9)

    with FakeBroker(script, patience=30) as broker, Remote(stalled=until_stalled, go_on=go_on.set) as remote:
        run_script(
            "thread_behind_a_backlog",
            100,
            PORT=broker.port,
            CONTROL=remote.port,
            QOS=qos,
            COUNT=count,
            MOST=most + size,
        )
    sent, size = broker.result
    assert sent < size // 2, "the client took nearly everything, and kept it"


@pytest.mark.parametrize("where", ["main", "function", "thread", "no loop"])
def test_publishing_does_not_fail_because_of_another_message(run_script, packets, where, target):
    """One that is larger than the memory comes before the answers: it is thrown away, with a line on the console."""
    large = packets.publish("m", bytes(8 * target.largest if isinstance(target, Mps2) else 1 << 20))

    def script(broker):
        link = broker.accept()
        link.accept_connect()
        link.accept_subscribe()
        taken = []
        for packet in link.until_goodbye():
            if packet.kind == "PUBLISH" and packet.topic == "go":
                link.send(packets.publish("m", b"go"))
                continue
            if packet.kind == "PUBLISH" and packet.topic == "out":
                taken.append((packet.payload, packet.dup))
                link.send_quietly(large)
            link.oblige(packet)
        return taken

    with FakeBroker(script, patience=30 * target.slowness) as broker:
        lines = run_script("message_without_memory", PORT=broker.port, WHERE=where)
    assert broker.result == [(b"%d" % number, False) for number in range(3)]
    assert sum("thrown away" in line for line in lines) == 3, lines
