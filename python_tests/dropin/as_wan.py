# wan_ok() with a name server of the test in the place of the one on the internet; and its debug output.
import asyncio

import mqtt_as
from on_target.control import tell

mqtt_as._DNS = HOST, DNS
lines = []


class Client(mqtt_as.MQTTClient):
    DEBUG = True

    def dprint(self, *args):
        lines.append(args)


async def main():
    client = Client(dict(mqtt_as.config, server=HOST, port=PORT, response_time=0.5 * SLOWNESS))
    assert not await client.wan_ok()
    await client.connect()
    assert lines, lines
    assert await client.wan_ok()
    assert await client.wan_ok(packet=b"\x01\x02" + bytes(15))
    for fault in ("garbage", "silence"):
        tell(fault)
        assert not await client.wan_ok(), fault
    await client.disconnect()


asyncio.run(main())
print("OK")
