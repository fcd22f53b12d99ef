# A broker that goes on, but answers each message with one of its own and never acknowledges it (MUTE), or falls silent
# as a whole: the client connects again, and publishes again. And the end of calls that wait.
import asyncio
import errno

import mqtt_as
from on_target.awaiting import failing
from on_target.control import tell

settings = dict(mqtt_as.config, server=HOST, port=PORT, client_id=b"dropin-mute", queue_len=4)
settings["response_time"] = 0.3 * SLOWNESS


async def main():
    for clean in (True, False):
        client = mqtt_as.MQTTClient(dict(settings, port=MUTE, max_repubs=1, clean=clean, keepalive=0))
        await client.connect()
        client.up.clear()
        await client.subscribe("dropin/other")
        arrived = client.queue.__aiter__()
        task = asyncio.create_task(client.publish("dropin/mute", "x", qos=1))
        await arrived.__anext__()
        await client.down.wait()
        await client.up.wait()
        await arrived.__anext__()
        assert client.REPUB_COUNT == 1 and not task.done()
        # The end of the connection is the end of the call.
        await client.disconnect()
        error = await failing(OSError, task)
        assert error.errno == errno.ENOTCONN, error
    # A link that swallows everything: the pings find out.
    client = mqtt_as.MQTTClient(dict(settings, ping_interval=0.2 * SLOWNESS, keepalive=0))
    await client.connect()
    client.up.clear()
    tell("black")
    await client.down.wait()
    assert not client.isconnected()
    tell("normal")
    await client.up.wait()
    await client.publish("dropin/mute", "x", qos=1)
    await client.disconnect()


asyncio.run(main())
print("OK")
