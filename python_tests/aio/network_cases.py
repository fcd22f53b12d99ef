# One client behind a network that misbehaves on command: CASE says which function below.
import asyncio
import time
from errno import ECONNRESET, ENOTCONN, ETIMEDOUT

import mqtt
import mqtt_aio
from on_target.awaiting import failing, until
from on_target.control import tell
from on_target.coroutines import elapsed, expect_errno, lost, recovered
from on_target.support import Record

EPIPE = 32


async def half_open():
    """keepalive=2: noticed within 3 s. BUSY: while QoS 0 messages go out all the time."""
    c = mqtt_aio.Client("half-open", command_timeout=20000, reconnect=False)
    await c.connect(HOST, 2, PORT)
    await c.publish("t/half-open", b"x", 1)
    tell("black")
    began = time.ticks_ms()
    while c.connected() and elapsed(began) < 5000:
        if BUSY:
            try:
                await c.publish("t/half-open", b"x" * 100)
            except OSError:
                pass  # It has just been noticed.
        await asyncio.sleep_ms(5)
    took = elapsed(began)
    assert c.down.is_set() and not c.connected() and c.failure
    assert took < 3150, took
    tell("normal")
    await c.disconnect()


async def busy_on_a_stalled_link():
    """Nothing is taken any more: publish() at QoS 0 ends when the keep-alive says so."""
    c = mqtt_aio.Client("stalled", command_timeout=20000, reconnect=False)
    block = b"x" * min(50000, LARGEST)
    await c.connect(HOST, 2, PORT)
    tell("stall")
    began = time.ticks_ms()
    try:
        while elapsed(began) < 8000:
            await c.publish("t/stalled", block)
        raise AssertionError("it took everything")
    except OSError:
        took = elapsed(began)
    assert took < 3300, took
    await lost(c, 2)
    tell("cut")
    await c.disconnect()


async def waiting_on_a_black_link():
    """Calls at QOS, without keepalive: OSError after command_timeout."""
    timeout = 700 + HANDSHAKE
    c = mqtt_aio.Client("black", command_timeout=timeout)
    await c.connect(HOST, 0, PORT)
    await c.publish("t/black", b"x", 1)
    tell("black")
    # The last one: a new connection is accepted, and that is all.
    for call in (
        lambda: c.publish("t/black", b"y", QOS),
        lambda: c.subscribe("t/other", print),
        lambda: c.unsubscribe("t/none"),
        c.reconnect,
    ):
        began = time.ticks_ms()
        await expect_errno(110, call())
        took = elapsed(began)
        assert timeout - 10 <= took <= timeout + 500, took
    tell("normal")
    if not c.connected():
        await recovered(c)
    await c.publish("t/black", b"z", QOS)
    await c.disconnect()


async def writing_on_a_stalled_link():
    """A PUBLISH that the network does not take: OSError after command_timeout, at any QoS."""
    block = bytes(min(500000, LARGEST))
    timeout = 700 + HANDSHAKE
    c = mqtt_aio.Client("stalled", command_timeout=timeout, reconnect=False)
    for qos in (0, 1, 2):
        assert await c.connect(HOST, 0, PORT) == 0
        tell("stall up")
        try:
            # More than all buffers on the way.
            for _ in range(20000000 // len(block)):
                # Each one that fits has its own deadline.
                began = time.ticks_ms()
                await c.publish("t/stalled", block, qos)
            raise AssertionError("it took everything")
        except OSError as error:
            assert error.errno in (ETIMEDOUT, ECONNRESET, EPIPE), error
        took = elapsed(began)
        assert took <= timeout + 500, took
        tell("normal")
        await c.disconnect()


async def connects_slowly():
    """Everything byte by byte, late, and from a network that takes its time."""
    got = Record()
    c = mqtt_aio.Client("slow", command_timeout=10000)
    for fault in ("drip 0.001", "delay 0.05", "slow 0.3", "drip 0.002 down", "drip 0.002 up"):
        tell(fault)
        assert await c.connect(HOST, 10, PORT) == 0
        await c.subscribe("t/slow", got, 2)
        for qos in (0, 1, 2):
            await c.publish("t/slow", fault, qos)
        await until(lambda: len(got) == 3)
        assert got.messages == [("t/slow", fault.encode())] * 3, got.messages
        got.messages.clear()
        await c.disconnect()
        tell("normal")


async def refused():
    c = mqtt_aio.Client("refused", command_timeout=5000, reconnect=False)
    tell("refuse")
    for _ in range(3):
        began = time.ticks_ms()
        await failing(OSError, c.connect(HOST, 10, PORT))
        assert elapsed(began) < 1000
    tell("normal")
    assert await c.connect(HOST, 10, PORT) == 0
    tell("refuse")
    tell("cut")
    await lost(c)
    await failing(OSError, c.reconnect())
    tell("normal")
    assert await c.reconnect() == 0
    await c.publish("t/refused", b"", 1)
    await c.disconnect()


async def backing_off():
    """The client itself tries again and again, with longer and longer pauses, until it succeeds. A loop_failure of
    auto_reconnect() sets the FIRST pause."""
    attempts = []
    c = mqtt_aio.Client("backing-off", cycle_timeout=50, command_timeout=5000)
    got = Record()
    failure = None if FIRST == 1000 else mqtt.auto_reconnect(FIRST)
    await c.connect(HOST, 10, PORT, None, lambda client: attempts.append(time.ticks_ms()), loop_failure=failure)
    await c.subscribe("t/backing-off", got, 1)
    tell("refuse")
    tell("cut")
    await until(lambda: len(attempts) == 3)
    tell("normal")
    await recovered(c)
    await c.publish("t/backing-off", b"back", 1)
    await until(lambda: got.messages == [("t/backing-off", b"back")])
    await c.disconnect()
    pauses = [time.ticks_diff(after, before) for before, after in zip(attempts, attempts[1:])]
    for pause, longest in zip(pauses, (FIRST, 2 * FIRST, 4 * FIRST)):
        assert longest * 3 // 4 <= pause <= longest + 500 * SLOWNESS, pauses


async def asked_again():
    """loop_failure says RECOVERED without a connection: it is asked again, every cycle_timeout."""
    calls = []
    c = mqtt_aio.Client("asked-again", cycle_timeout=50, command_timeout=5000)

    async def failure(client):
        calls.append(time.ticks_ms())
        if len(calls) == 4:
            await client.reconnect()
        return mqtt.RECOVERED

    await c.connect(HOST, 10, PORT, loop_failure=failure)
    tell("cut")
    await until(lambda: len(calls) == 4 and c.connected())
    for before, after in zip(calls, calls[1:]):
        assert 40 <= time.ticks_diff(after, before) <= 1000
    await c.publish("t/asked-again", b"", 1)
    assert len(calls) == 4
    await c.disconnect()


async def ways_to_end():
    """loop_failure that does not recover, in every way: the client stays down, and all can begin again."""

    def break_loop(client):
        calls.append(client.connected())
        return mqtt.BREAK_LOOP

    async def nothing(client):
        calls.append(client.connected())

    def other(client):
        calls.append(client.connected())
        return "RECOVERED"

    async def raises(client):
        calls.append(client.connected())
        raise ValueError("as it should")

    async def disconnects(client):
        calls.append(client.connected())
        await client.disconnect()
        return mqtt.RECOVERED

    c = mqtt_aio.Client("ways-to-end", cycle_timeout=20, command_timeout=5000, reconnect=False)
    got = Record()
    for function in (break_loop, nothing, other, raises, disconnects, None):
        for end in ("rst", "fin"):
            calls = []
            assert await c.connect(HOST, 10, PORT, loop_failure=function) == 0
            tell("cut " + end)
            await lost(c)
            if function is not None:
                await until(lambda: calls)
                # Time for a call too many.
                await asyncio.sleep_ms(60)
            await c.disconnect()
            assert calls == ([False] if function else []), calls
            assert not c.connected()
            await failing(OSError, c.publish("t/ways", b""))
            # All over again.
            assert await c.connect(HOST, 10, PORT) == 0
            await c.subscribe("t/ways", got, 1)
            await c.publish("t/ways", b"again", 1)
            await until(lambda: got.messages == [("t/ways", b"again")])
            got.messages.clear()
            await c.disconnect()


async def cut_anywhere():
    """The connection is cut after each of the first PACKETS packets in DIRECTION. Meanwhile
    messages go round; at QoS 1 and 2 all arrive, at QoS 2 once."""
    counts = {}
    topic = "t/anywhere/" + DIRECTION + HOW

    def take(client, payload, topic):
        counts[payload] = counts.get(payload, 0) + 1

    async def failure(client):
        try:
            await client.reconnect()
        except OSError:
            pass
        return mqtt.RECOVERED

    c = mqtt_aio.Client("cut-anywhere-" + DIRECTION + HOW, False, cycle_timeout=20, command_timeout=5000)
    await c.connect(HOST, 10, PORT, loop_failure=failure)
    await c.subscribe(topic, take, 2)
    sent = []
    for n in range(1, PACKETS + 1):
        tell("cut_after %s packets %d %s" % (DIRECTION, n, HOW))
        for qos in (1, 2, 1, 2):
            payload = b"%d %d" % (qos, len(sent))
            while True:
                try:
                    await c.publish(topic, payload, qos)
                    break
                except OSError as error:
                    await recovered(c)
                    # The client itself sends again the messages that it has taken.
                    if error.errno != ENOTCONN:
                        break
            sent.append(payload)
    tell("normal")
    await until(lambda: all(payload in counts for payload in sent))
    twice = [payload for payload in sent if payload[:1] == b"2" and counts[payload] != 1]
    assert not twice, twice
    await c.disconnect()


asyncio.run(globals()[CASE]())
print("OK")
