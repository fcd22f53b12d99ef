# A coroutine awaits the Delivery objects of a plain mqtt.Client, whose own loop reads; other tasks run meanwhile.
import asyncio
import time

import mqtt
from on_target.awaiting import failing, until
from on_target.coroutines import elapsed, expect_errno

turns = 0


async def count():
    global turns
    while True:
        await asyncio.sleep_ms(1)
        turns += 1


async def ended(delivery):
    await delivery


async def main():
    task = asyncio.create_task(count())
    client = mqtt.Client("awaited", command_timeout=400 + HANDSHAKE)
    early = client.publish("awaited", "x", 1, wait=False)
    # Nobody connects: the time of the caller is over, the message stays.
    began = time.ticks_ms()
    await expect_errno(110, ended(early))
    assert 390 + HANDSHAKE <= elapsed(began), elapsed(began)
    assert turns > 5 and not early.done(), turns
    # A task that is cancelled meanwhile; and the next one has all its time again.
    waiting = asyncio.create_task(ended(early))
    await asyncio.sleep_ms(20)
    waiting.cancel()
    await failing(asyncio.CancelledError, waiting)
    assert client.connect(HOST, 60, PORT) == 0
    await until(lambda: early.done())
    assert await early is None and await early is None
    for qos in (1, 2):
        deliveries = [client.publish("awaited", "x", qos, wait=False) for _ in range(10)]
        for delivery in deliveries:
            await delivery
            assert delivery.done()
    # As an awaitable of others.
    delivery = client.publish("awaited", "x", 2, wait=False)
    await asyncio.wait_for(ended(delivery), 20 * SLOWNESS)
    client.disconnect()
    late = client.publish("awaited", "x", 1, wait=False)
    client.disconnect()
    await expect_errno(103, ended(late))
    task.cancel()


asyncio.run(main())
print("OK")
