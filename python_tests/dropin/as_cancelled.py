# The coroutines of a client are cancelled at each of their awaits in turn. The client is as good as before then.
import asyncio

from mqtt_as import MQTTClient, config
from on_target.cancelling import cancelled_after
from on_target.resources import open_files


async def takes(client, text):
    """Returns when the message is here."""
    await client.publish("dropin/cancelled/end", text, qos=2)
    async for _, msg, _ in client.queue:
        if msg.decode() == text:
            return


async def main(client):
    await client.connect()
    await client.subscribe("dropin/cancelled/end", 1)
    open_before = open_files()
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
    assert client.isconnected() and open_files() == open_before, open_files()
    await client.disconnect()


config["server"] = HOST
config["port"] = PORT
config["client_id"] = b"dropin-cancelled"
config["queue_len"] = 4
asyncio.run(main(MQTTClient(config)))
print("OK")
