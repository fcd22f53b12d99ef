# A program with the event interface: it publishes while the broker comes and goes, and counts the outages.
import asyncio

from mqtt_as import MQTTClient, config
from on_target.awaiting import until
from on_target.control import tell

outages = 0
ready = asyncio.Event()
got = []


async def messages(client):
    async for topic, msg, retained in client.queue:
        got.append((topic, msg, retained))


async def up(client):
    while True:
        await client.up.wait()
        client.up.clear()
        await client.subscribe("dropin/range/led", 1)
        ready.set()


async def down(client):
    global outages
    while True:
        await client.down.wait()
        client.down.clear()
        outages += 1
        ready.clear()


async def main(client):
    try:
        await client.connect()
    except OSError:
        print("Connection failed.")
        return
    for task in (up, down, messages):
        asyncio.create_task(task(client))
    await ready.wait()
    await client.publish("dropin/range/led", "before", qos=1)
    for n in range(3):
        tell("restart")
        # It returns when the broker has the message, over whichever connection.
        await client.publish("dropin/range/count", "%d outages" % n, qos=1)
        await until(lambda: outages == n + 1)
        await ready.wait()
        await client.publish(b"dropin/range/led", b"again", False, 1)
        await until(lambda: len(got) == n + 2)
    print(outages, got)
    await client.disconnect()


config["server"] = HOST
config["port"] = PORT
config["client_id"] = b"dropin-range"
config["will"] = ("dropin/range/will", "Goodbye", False, 0)
config["keepalive"] = 120
config["queue_len"] = 1
client = MQTTClient(config)
try:
    asyncio.run(main(client))
finally:
    client.close()
    asyncio.new_event_loop()
print("OK")
