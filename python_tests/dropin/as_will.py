# A program that fails, and closes its client: the broker publishes the will. One that disconnects takes it back.
import asyncio

from mqtt_as import MQTTClient, config


async def fails(client):
    await client.connect()
    raise RuntimeError("on purpose")


async def ends(client):
    await client.connect()
    # Nobody awaits it any more.
    asyncio.create_task(client.publish("dropin/will", "the last", qos=1))
    await asyncio.sleep_ms(0)
    await client.disconnect()


async def goes_on(client):
    await client.connect()
    client.close()
    await asyncio.sleep_ms(0)
    await client.connect()
    assert await client.broker_up()
    await client.disconnect()


config["server"] = HOST
config["port"] = PORT
for main, text in ((fails, "failed"), (ends, "ended"), (goes_on, "went on")):
    config["client_id"] = b"dropin-" + text.encode()
    config["will"] = ["dropin/will", text, False, 1]
    client = MQTTClient(config)
    try:
        asyncio.run(main(client))
    except RuntimeError:
        print("it failed")
    finally:
        client.close()
        asyncio.new_event_loop()
print("OK")
