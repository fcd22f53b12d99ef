# Messages of QoS 2 in both directions over a link that is cut again and again: each arrives exactly once. And
# several clients in one event loop.
import asyncio
import time

import mqtt_aio
from on_target.control import tell

got = {}


def count(client, payload, topic):
    got[payload] = got.get(payload, 0) + 1


async def cut(*clients):
    while len(got) < COUNT:
        for client in clients:
            await client.up.wait()
        await asyncio.sleep_ms(50 * SLOWNESS)
        tell("cut rst")
        for client in clients:
            try:
                await asyncio.wait_for_ms(client.down.wait(), 500 * SLOWNESS)
            except asyncio.TimeoutError:
                pass  # It is up again already.


async def publish(client):
    for number in range(COUNT):
        payload = b"%d" % number
        delivery = None
        while delivery is None:
            try:
                delivery = await client.publish("exactly", payload, 2, wait=False)
            except OSError:
                # The outbox is full.
                await asyncio.sleep_ms(10)
        await asyncio.sleep_ms(5)


async def main():
    # The receiver gets the messages of the sender.
    sender = mqtt_aio.Client("aio-sender", False, cycle_timeout=50)
    receiver = mqtt_aio.Client("aio-receiver", False, cycle_timeout=50)
    await receiver.connect(HOST, 60, PORT)
    await receiver.subscribe("exactly", count, 2)
    await sender.connect(HOST, 60, PORT)
    cutter = asyncio.create_task(cut(sender, receiver))
    await publish(sender)
    end = time.ticks_add(time.ticks_ms(), 60000 * SLOWNESS)
    while len(got) < COUNT:
        assert time.ticks_diff(end, time.ticks_ms()) > 0, (len(got), sender, receiver)
        await asyncio.sleep_ms(10)
    await cutter
    for client in (sender, receiver):
        await asyncio.wait_for(client.up.wait(), 60 * SLOWNESS)
        # The messages on their way come before this one.
        await client.publish("none", "x", 2)
    assert set(got.values()) == {1}, got
    await sender.disconnect()
    await receiver.disconnect()


asyncio.run(main())
print("OK")
