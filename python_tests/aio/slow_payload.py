# A payload of SIZE bytes takes several times as long to arrive as the keep-alive lasts: it arrives, whole.
import asyncio
import time

import mqtt_aio
from on_target.coroutines import elapsed

got = []


async def main():
    client = mqtt_aio.Client("slow-payload", command_timeout=90000, reconnect=False)
    assert await client.connect(HOST, KEEP_ALIVE, PORT) == 0
    await client.subscribe("slow-payload", lambda client, payload, topic: got.append(len(payload)), QOS)
    await client.publish("begin")
    began = time.ticks_ms()
    while not got:
        await asyncio.sleep_ms(20)
        assert client.connected(), client.failure
    took = elapsed(began)
    print("took", took, "ms")
    assert took > 3000 * KEEP_ALIVE, "too fast to prove anything: %d ms" % took
    assert got == [SIZE], got
    await client.publish("after", "", 1)
    await client.disconnect()


asyncio.run(main())
print("OK")
