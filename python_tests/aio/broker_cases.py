# One client and a broker that ends and comes back: CASE says which function below.
import asyncio
from errno import ENOTCONN

import mqtt
import mqtt_aio
from on_target.awaiting import until
from on_target.control import tell
from on_target.coroutines import lost, recovered
from on_target.support import Record


async def backing_off(client):
    """A loop_failure that does not wait as long as the client itself."""
    pause = 5
    while True:
        try:
            if await client.reconnect() == 0:
                return mqtt.RECOVERED
        except OSError:
            pass  # The next attempt follows.
        await asyncio.sleep_ms(pause)
        pause = min(2 * pause, 100)


async def nothing_is_lost():
    """QoS 1 and 2, a kept session, a broker that saves its state: all arrive, QoS 2 once."""
    counts = {}
    order = []

    async def take(client, payload, topic):
        await asyncio.sleep_ms(0)
        counts[payload] = counts.get(payload, 0) + 1
        if counts[payload] == 1:
            order.append(payload)

    c = mqtt_aio.Client("nothing-lost", False, cycle_timeout=20, command_timeout=10000)
    await c.connect(HOST, 10, PORT, loop_failure=backing_off)
    await c.subscribe("t/nothing-lost", take, 2)

    async def restarts():
        for _ in range(RESTARTS):
            tell("stop")
            tell("start")
            # Some go through on each of its lives.
            n = len(order)
            await until(lambda: len(order) > n + 20)

    task = asyncio.create_task(restarts())
    sent = []
    while not task.done():
        payload = b"%d %d" % (1 + len(sent) % 2, len(sent))
        while True:
            try:
                await c.publish("t/nothing-lost", payload, 1 + len(sent) % 2)
                break
            except OSError as error:
                # Anything else was taken in, and is sent again by the client itself.
                if error.errno != ENOTCONN:
                    break
                await recovered(c)
        sent.append(payload)
    await task
    await until(lambda: len(order) == len(sent))
    assert sorted(order) == sorted(sent)
    for qos in (b"1", b"2"):
        assert [p for p in order if p[:1] == qos] == [p for p in sent if p[:1] == qos]
    twice = [p for p in sent if p[:1] == b"2" and counts[p] != 1]
    assert not twice, twice
    await c.disconnect()
    print(len(sent))


async def subscriptions_come_back():
    """However the broker ends, and whether it knows us afterwards or not."""
    got = Record()
    c = mqtt_aio.Client("back", CLEAN, cycle_timeout=20, command_timeout=10000)
    await c.connect(HOST, 10, PORT, loop_failure=backing_off)
    for i in range(5):
        await c.subscribe("t/back/%d" % i, got, i % 3)
    for i in range(RESTARTS):
        tell(HOW)
        await lost(c)
        tell("start")
        await recovered(c)
        for n in range(5):
            await c.publish("t/back/%d" % n, "%d" % i, 2)
        # At QoS 1 one of the last round may come again.
        await until(lambda: all(("t/back/%d" % n, b"%d" % i) in got.messages for n in range(5)))
        got.messages.clear()
    await c.disconnect()


asyncio.run(globals()[CASE]())
print("OK")
