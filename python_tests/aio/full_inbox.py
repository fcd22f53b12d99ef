# A coroutine function is at work on the first message for longer than command_timeout, while the others fill the
# inbox and the client leaves the rest unread: the connection stays, and every message comes, in order.
import asyncio

import mqtt_aio
from on_target.awaiting import until

COMMAND_TIMEOUT = 1000 * SLOWNESS
got = []


async def take(client, payload, topic):
    if not got:
        await asyncio.sleep_ms(3 * COMMAND_TIMEOUT)
    got.append(int(payload[:6]))


async def main():
    client = mqtt_aio.Client("full-inbox", command_timeout=COMMAND_TIMEOUT, reconnect=False)
    assert await client.connect(HOST, 0, PORT) == 0
    await client.subscribe("m", take)
    await until(lambda: len(got) == COUNT or not client.connected(), 60)
    assert client.failure is None, (client.failure, len(got))
    assert got == list(range(COUNT)), got
    await client.disconnect()


asyncio.run(main())
print("OK")
