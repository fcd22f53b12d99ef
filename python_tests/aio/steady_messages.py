# A coroutine function takes WORK ms for each message, and the messages come faster, for SECONDS: the connection
# stays, and the memory in use moves by no more than MOST bytes. With ITERATES an `async for` is as slow.
import asyncio
import gc
import time

import mqtt_aio
from on_target.coroutines import elapsed

count = 0
used = []


async def slow(client, payload, topic):
    global count
    count += 1
    await asyncio.sleep_ms(WORK)
    if count % 50 == 0:
        gc.collect()
        used.append(gc.mem_alloc())


async def iterate(client):
    async with client.messages("steady", size=4) as messages:
        subscribed.set()
        async for message in messages:
            await slow(client, message.payload, message.topic)


subscribed = asyncio.Event()


async def main():
    client = mqtt_aio.Client("steady", command_timeout=5000, reconnect=False)
    assert await client.connect(HOST, KEEP_ALIVE, PORT) == 0
    task = None
    if ITERATES:
        task = asyncio.create_task(iterate(client))
        await subscribed.wait()
    else:
        await client.subscribe("steady", slow)
    await client.publish("begin")
    began = time.ticks_ms()
    while elapsed(began) < SECONDS * 1000:
        await asyncio.sleep_ms(50)
        assert client.connected(), (client.failure, count)
    print("delivered", count, "memory", used[:1], used[-1:])
    assert max(used) - used[0] <= MOST, used
    began = time.ticks_ms()
    await client.disconnect()
    assert elapsed(began) < 2000 * SLOWNESS, elapsed(began)
    assert client.failure is None
    if task:
        # The iteration ends with the messages that the client had delivered.
        await asyncio.wait_for(task, 20 * SLOWNESS)


asyncio.run(main())
print("OK")
