# The broker dies while a coroutine function, WORK ms long, has most of MESSAGES messages before it.
import asyncio
import time

import mqtt_aio
from on_target.awaiting import until
from on_target.control import tell
from on_target.coroutines import elapsed, lost

count = 0


async def slow(client, payload, topic):
    global count
    count += 1
    await asyncio.sleep_ms(WORK)


async def main():
    client = mqtt_aio.Client("broker-dies", command_timeout=20000, reconnect=False)
    assert await client.connect(HOST, 2, PORT) == 0
    await client.subscribe("m", slow)
    await client.publish("begin", "", 1)
    await until(lambda: count)
    tell("end")
    began = time.ticks_ms()
    await lost(client, 60)
    took = elapsed(began)
    print("noticed after", took, "ms, at message", count)
    assert took <= 3000 + WORK + 250 * SLOWNESS, took
    assert client.failure and not client.connected()
    await client.disconnect()


asyncio.run(main())
print("OK")
