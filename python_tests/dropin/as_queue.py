# A subscriber that is slower than its queue: the oldest messages give way. And several that share the messages.
import asyncio

from mqtt_as import MQTTClient, config
from on_target.awaiting import until

got = []


async def take(client, name):
    async for _, msg, _ in client.queue:
        got.append((name, msg))
        await asyncio.sleep_ms(0)


async def main(client):
    await client.connect()
    await client.subscribe("dropin/queue", 1)
    for n in range(10):
        await client.publish("dropin/queue", b"%d" % n, qos=1)
    # The broker answers behind the messages.
    assert await client.broker_up()
    assert client.queue.discards == 4, client.queue.discards
    tasks = [asyncio.create_task(take(client, name)) for name in "ab"]
    await until(lambda: len(got) == 6)
    assert [msg for _, msg in got] == [b"%d" % n for n in range(4, 10)], got
    for n in range(10):
        await client.publish("dropin/queue", b"%d" % n)
        await until(lambda: len(got) == 7 + n)
    assert {name for name, _ in got[6:]} == {"a", "b"}, got
    # A task that waits for a message can be cancelled.
    tasks[0].cancel()
    await client.publish("dropin/queue", b"last", qos=1)
    await until(lambda: got[-1] == ("b", b"last"))
    assert client.queue.discards == 4
    await client.disconnect()


config["server"] = HOST
config["port"] = PORT
config["client_id"] = b"dropin-queue"
config["queue_len"] = 6
asyncio.run(main(MQTTClient(config)))
print("OK")
