# A program with the callback interface: the broker goes, and comes back.
import asyncio

from mqtt_as import MQTTClient, config
from on_target.awaiting import until
from on_target.control import tell

states = []
got = []
connections = 0


def on_message(topic, msg, retained):
    assert isinstance(topic, bytes) and isinstance(msg, bytes)
    got.append((topic, msg, retained))


async def wifi(state):
    states.append(state)


async def connected(client):
    global connections
    await client.subscribe("dropin/callbacks/#", 1)
    connections += 1


async def main(client):
    await client.connect(quick=True)
    await until(lambda: connections == 1)
    await client.publish("dropin/callbacks/kept", "old", retain=True, qos=1)
    await until(lambda: len(got) == 1)
    # A new subscription brings the retained message.
    await client.subscribe("dropin/callbacks/kept")
    await until(lambda: len(got) == 2)
    tell("kill")
    waits = asyncio.create_task(client.publish("dropin/callbacks/new", "after the outage", qos=1))
    await until(lambda: len(states) == 2)
    assert not client.isconnected() and not waits.done()
    assert not await client.broker_up() and not await client.wan_ok()
    tell("start")
    await waits
    await until(lambda: connections == 2)
    assert client.isconnected() and await client.broker_up()
    await client.publish("dropin/callbacks/new", "subscribed again")
    await until(lambda: got[-1][1] == b"subscribed again")
    await client.unsubscribe("dropin/callbacks/#")
    await client.unsubscribe("dropin/callbacks/kept")
    # There is no subscription of this name.
    await client.unsubscribe("dropin/callbacks/none")
    await client.publish("dropin/callbacks/new", "for nobody", qos=1)
    assert await client.broker_up() and got[-1][1] == b"subscribed again"
    print(states, got[:2])
    await client.disconnect()
    assert not client.isconnected()


config["server"] = HOST
config["port"] = PORT
config["client_id"] = b"dropin-callbacks"
config["subs_cb"] = on_message
config["wifi_coro"] = wifi
config["connect_coro"] = connected
client = MQTTClient(config)
try:
    asyncio.run(main(client))
finally:
    client.close()
print("OK")
