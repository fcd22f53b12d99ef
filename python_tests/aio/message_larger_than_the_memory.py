# heap: 512K
# Gets messages that are larger than the heap: a line each on the console, and the next ones come.
import asyncio

import mqtt_aio
from on_target.awaiting import until
from on_target.support import Record

got = Record()
ended = Record()


async def main():
    client = mqtt_aio.Client("memory", command_timeout=10000, reconnect=False)
    await client.connect(HOST, 0, PORT)
    await client.subscribe("#", lambda c, payload, topic: (ended if topic == "end" else got)(c, payload, topic), 2)
    await until(lambda: ended)
    assert got.messages == [("next", b"small")] * 3, [topic for topic, _ in got.messages]
    assert client.connected()
    await client.disconnect()


asyncio.run(main())
print("OK")
