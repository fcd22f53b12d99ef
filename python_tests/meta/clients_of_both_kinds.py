# Connects a client, and one for asyncio; neither sets the version that it speaks.
import asyncio

import mqtt
import mqtt_aio


async def main():
    c = mqtt_aio.Client("for asyncio", command_timeout=20000)
    assert await c.connect(HOST, 60, PORT) == 0
    await c.disconnect()


c = mqtt.Client("blocking", command_timeout=20000)
assert c.connect(HOST, 60, PORT) == 0
c.disconnect()
asyncio.run(main())
print("OK")
