# One client behind a network that misbehaves on command: CASE says which function below.
import time
from errno import ECONNRESET, ENOTCONN, ETIMEDOUT

import mqtt
from on_target.control import tell
from on_target.support import Record, expect, expect_errno, wait_until

EPIPE = 32


def elapsed(began):
    return time.ticks_diff(time.ticks_ms(), began)


def half_open():
    """keepalive=2: noticed within 3 s. BUSY: while QoS 0 messages go out all the time."""
    failures = []
    c = mqtt.Client("half-open", command_timeout=20000)
    c.connect(HOST, 2, PORT, loop_failure=failures.append)
    c.publish("t/half-open", b"x", 1)
    tell("black")
    began = time.ticks_ms()
    while not failures and elapsed(began) < 5000:
        if BUSY and c.connected():
            try:
                c.publish("t/half-open", b"x" * 100)
            except OSError:
                pass
        time.sleep_ms(5)
    took = elapsed(began)
    assert failures and took < 3150, took
    assert not c.connected()
    tell("normal")
    c.disconnect()


def busy_on_a_stalled_link():
    """Nothing is taken any more: publish() at QoS 0 ends when the clock or the timeout says so."""
    failures = []
    c = mqtt.Client("stalled", command_timeout=20000)
    block = b"x" * min(50000, LARGEST)
    c.connect(HOST, 2, PORT, loop_failure=failures.append)
    tell("stall")
    began = taken = time.ticks_ms()
    try:
        # The buffers on the way take some megabytes first.
        while elapsed(began) < 8000:
            c.publish("t/stalled", block)
            taken = time.ticks_ms()
        raise AssertionError("it took everything")
    except OSError:
        pass
    took = elapsed(taken)
    assert took < 3300, took
    wait_until(lambda: failures, 2)
    assert not c.connected()
    tell("cut")
    c.disconnect()


def waiting_on_a_black_link():
    """publish() at QOS, without keepalive: OSError after command_timeout."""
    timeout = 700 + HANDSHAKE
    c = mqtt.Client("black", command_timeout=timeout)
    c.connect(HOST, 0, PORT, start_loop=LOOP)
    c.publish("t/black", b"x", 1)
    tell("black")
    for call in (
        lambda: c.publish("t/black", b"y", QOS),
        lambda: c.subscribe("t/other", print),
        lambda: c.unsubscribe("t/none"),
    ):
        began = time.ticks_ms()
        expect_errno(ETIMEDOUT, call)
        took = elapsed(began)
        assert timeout - 10 <= took <= timeout + 500, took
    # A new connection is accepted, and that is all.
    began = time.ticks_ms()
    expect_errno(ETIMEDOUT, c.reconnect)
    took = elapsed(began)
    assert timeout - 10 <= took <= timeout + 500, took
    tell("normal")
    assert c.reconnect() == 0
    c.publish("t/black", b"z", QOS)
    c.disconnect()


def writing_on_a_stalled_link():
    """A PUBLISH that the network does not take: OSError after command_timeout, at any QoS."""
    block = bytes(min(500000, LARGEST))
    timeout = 700 + HANDSHAKE
    c = mqtt.Client("stalled", command_timeout=timeout)
    for qos in (0, 1, 2):
        c.connect(HOST, 0, PORT, start_loop=LOOP)
        tell("stall up")
        try:
            # More than all buffers on the way.
            for i in range(20000000 // len(block)):
                # Each one that fits has its own deadline.
                began = time.ticks_ms()
                c.publish("t/stalled", block, qos)
            raise AssertionError("it took everything")
        except OSError as error:
            assert error.errno in (ETIMEDOUT, ECONNRESET, EPIPE), error
        took = elapsed(began)
        assert took <= timeout + 500, took
        tell("normal")
        wait_until(lambda: not c.connected() or qos)
        c.disconnect()


def connects_slowly():
    """Everything byte by byte, late, and from a network that takes its time."""
    got = Record()
    c = mqtt.Client("slow", command_timeout=10000)
    c.subscribe("t/slow", got, 2)
    for fault in ("drip 0.001", "delay 0.05", "slow 0.3", "drip 0.002 down", "drip 0.002 up"):
        tell(fault)
        assert c.connect(HOST, 10, PORT) == 0
        for qos in (0, 1, 2):
            c.publish("t/slow", fault, qos)
        wait_until(lambda: len(got) == 3)
        assert got.messages == [("t/slow", fault.encode())] * 3, got.messages
        got.messages.clear()
        c.disconnect()
        tell("normal")


def refused():
    c = mqtt.Client("refused", command_timeout=5000)
    tell("refuse")
    for i in range(3):
        began = time.ticks_ms()
        expect(OSError, c.connect, HOST, 10, PORT)
        assert elapsed(began) < 1000
    tell("normal")
    assert c.connect(HOST, 10, PORT) == 0
    tell("refuse")
    tell("cut")
    wait_until(lambda: not c.connected())
    expect(OSError, c.reconnect)
    tell("normal")
    assert c.reconnect() == 0
    c.publish("t/refused", b"", 1)
    c.disconnect()


def backing_off():
    """loop_failure tries again and again, with longer and longer pauses, until it succeeds."""
    attempts = []
    c = mqtt.Client("backing-off", cycle_timeout=50, command_timeout=5000)
    got = Record()

    def failure(client):
        pause = 10
        while True:
            try:
                attempts.append(time.ticks_ms())
                if client.reconnect() == 0:
                    return mqtt.RECOVERED
            except OSError:
                pass
            if len(attempts) == 5:
                tell("normal")
            time.sleep_ms(pause)
            pause *= 2

    c.connect(HOST, 10, PORT, loop_failure=failure)
    c.subscribe("t/backing-off", got, 1)
    tell("refuse")
    tell("cut")
    wait_until(lambda: len(attempts) == 6 and c.connected())
    c.publish("t/backing-off", b"back", 1)
    wait_until(lambda: got.messages == [("t/backing-off", b"back")])
    c.disconnect()
    assert len(attempts) == 6


def asked_again():
    """loop_failure says RECOVERED without a connection: it is asked again, every cycle_timeout."""
    calls = []
    c = mqtt.Client("asked-again", cycle_timeout=50, command_timeout=5000)

    def failure(client):
        calls.append(time.ticks_ms())
        if len(calls) == 4:
            client.reconnect()
        return mqtt.RECOVERED

    c.connect(HOST, 10, PORT, loop_failure=failure)
    tell("cut")
    wait_until(lambda: len(calls) == 4 and c.connected())
    for before, after in zip(calls, calls[1:]):
        assert 40 <= time.ticks_diff(after, before) <= 1000
    c.publish("t/asked-again", b"", 1)
    assert len(calls) == 4
    c.disconnect()


def ways_to_end():
    """loop_failure that does not recover, in every way: the loop ends, and all can begin again."""

    def break_loop(client):
        calls.append(client.connected())
        return mqtt.BREAK_LOOP

    def nothing(client):
        calls.append(client.connected())

    def other(client):
        calls.append(client.connected())
        return "RECOVERED"

    def raises(client):
        calls.append(client.connected())
        raise ValueError("as it should")

    def disconnects(client):
        calls.append(client.connected())
        client.disconnect()
        return mqtt.RECOVERED

    c = mqtt.Client("ways-to-end", cycle_timeout=20, command_timeout=5000)
    got = Record()
    c.subscribe("t/ways", got, 1)
    for function in (break_loop, nothing, other, raises, disconnects, None):
        for end in ("rst", "fin"):
            calls = []
            assert c.connect(HOST, 10, PORT, loop_failure=function) == 0
            tell("cut " + end)
            wait_until(lambda: not c.connected())
            if function is not None:
                wait_until(lambda: calls)
            c.disconnect(2000)
            assert calls == ([False] if function else []), calls
            assert not c.connected()
            expect(OSError, c.publish, "t/ways", b"")
            # All over again, and the loop runs.
            assert c.connect(HOST, 10, PORT) == 0
            c.publish("t/ways", b"again", 1)
            wait_until(lambda: got.messages == [("t/ways", b"again")])
            got.messages.clear()
            c.disconnect()


def cut_anywhere():
    """The connection is cut after each of the first PACKETS packets in DIRECTION. Meanwhile
    messages go round; at QoS 1 and 2 all arrive, at QoS 2 once."""
    counts = {}

    def take(client, payload, topic):
        counts[payload] = counts.get(payload, 0) + 1

    def failure(client):
        try:
            client.reconnect()
        except OSError:
            pass
        return mqtt.RECOVERED

    c = mqtt.Client("cut-anywhere-" + DIRECTION + HOW, clean_session=False, cycle_timeout=20, command_timeout=5000)
    c.subscribe("t/anywhere/" + DIRECTION + HOW, take, 2)
    c.connect(HOST, 10, PORT, loop_failure=failure)
    sent = []
    for n in range(1, PACKETS + 1):
        tell("cut_after %s packets %d %s" % (DIRECTION, n, HOW))
        for qos in (1, 2, 1, 2):
            payload = b"%d %d" % (qos, len(sent))
            while True:
                try:
                    c.publish("t/anywhere/" + DIRECTION + HOW, payload, qos)
                    break
                except OSError as error:
                    wait_until(c.connected)
                    # The client itself sends again the messages that it has taken.
                    if error.errno != ENOTCONN:
                        break
            sent.append(payload)
    tell("normal")
    wait_until(lambda: all(payload in counts for payload in sent))
    twice = [payload for payload in sent if payload[:1] == b"2" and counts[payload] != 1]
    assert not twice, twice
    c.disconnect()


globals()[CASE]()
print("OK")
