# The coroutines of a client are cancelled at each of their awaits in turn. The client is as good as before then.
import asyncio
import os

from mqtt_as import MQTTClient, config


def descriptors():
    try:
        return len(os.listdir("/proc/self/fd"))
    except OSError:
        return 0  # a board


async def cancelled_after(steps, coroutine):
    """Whether it was still at work after so many turns of the event loop."""
    task = asyncio.create_task(coroutine)
    for _ in range(steps):
        await asyncio.sleep_ms(0)
    if task.done():
        await task
        return False
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        pass
    return True


async def takes(client, text):
    """Returns when the message is here."""
    await client.publish("dropin/cancelled/end", text, qos=2)
    async for _, msg, _ in client.queue:
        if msg.decode() == text:
            return


async def main(client):
    await client.connect()
    await client.subscribe("dropin/cancelled/end", 1)
    open_before = descriptors()
    calls = (
        lambda: client.publish("dropin/cancelled", "x"),
        lambda: client.publish("dropin/cancelled", "x", qos=1),
        lambda: client.publish("dropin/cancelled", "x", qos=2),
        lambda: client.subscribe("dropin/cancelled"),
        lambda: client.unsubscribe("dropin/cancelled"),
        client.broker_up,
        client.disconnect,
        client.connect,
    )
    for number, call in enumerate(calls):
        steps = 0
        while await cancelled_after(steps, call()):
            steps += 1
            assert steps < 5000
            if not client.isconnected() and number < len(calls) - 1:
                await client.connect()
                await client.subscribe("dropin/cancelled/end", 1)
            if client.isconnected():
                await takes(client, "%d %d" % (number, steps))
        assert steps > 0, number
    assert client.isconnected() and descriptors() == open_before, descriptors()
    await client.disconnect()


config["server"] = HOST
config["port"] = PORT
config["client_id"] = b"dropin-cancelled"
config["queue_len"] = 4
asyncio.run(main(MQTTClient(config)))
print("OK")
