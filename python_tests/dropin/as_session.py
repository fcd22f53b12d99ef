# The combinations of clean_init and clean: messages that come during an outage, and the session of an earlier run.
import asyncio

import mqtt_as
from on_target.control import tell


def make(clean_init, clean, name=b"dropin-session"):
    config = dict(mqtt_as.config, server=HOST, port=PORT, client_id=name, queue_len=8)
    return mqtt_as.MQTTClient(dict(config, clean_init=clean_init, clean=clean))


async def end(client):
    """The messages that have come before one of the client's own."""
    got = []
    await client.subscribe("dropin/session/end", 1)
    await client.publish("dropin/session/end", "end", qos=1)
    async for _, msg, _ in client.queue:
        if msg == b"end":
            break
        got.append(msg)
    await client.disconnect()
    return got


async def main():
    helper = make(True, True, b"dropin-helper")
    await helper.connect()
    for clean in (False, True):
        for clean_init in (False, True):
            # An earlier run.
            client = make(True, False)
            await client.connect()
            await client.subscribe("dropin/session/a", 1)
            await client.disconnect()
            await helper.publish("dropin/session/a", "before", qos=1)
            # It is forgotten, or not.
            client = make(clean_init, clean)
            await client.connect()
            print(clean_init, clean, await end(client))
    for clean in (False, True):
        client = make(True, clean)
        await client.connect()
        await client.subscribe("dropin/session/b", 1)
        client.up.clear()
        tell("cut")
        await client.down.wait()
        await helper.publish("dropin/session/b", "meanwhile", qos=1)
        await client.up.wait()
        print("outage", clean, await end(client))
    await helper.disconnect()


asyncio.run(main())
print("OK")
