# The methods of mqtt_aio.Client at a broker that behaves.
import asyncio
import errno
import time

import mqtt
import mqtt_aio

got = []
# The client.
this = []


def plain(client, payload, topic):
    message = client.message
    got.append((topic, payload, message.qos, client is this[0]))


async def patient(client, payload, topic):
    await asyncio.sleep_ms(20)
    # It can wait for the broker, and its message is still there.
    await client.publish("answers", payload, 1)
    got.append(("patient", client.message.topic, client.message.payload))


async def failing(kind, awaitable):
    try:
        await awaitable
    except kind as error:
        return error
    raise AssertionError("no %s" % kind)


async def messages_arrive(client):
    this.append(client)
    await client.subscribe("plain/+", plain, 2)
    await client.subscribe("patient", patient, 1)
    await client.subscribe("answers", plain)
    for qos in (0, 1, 2):
        await client.publish("plain/%d" % qos, "payload", qos)
    await client.publish("patient", "slow", 1)
    while len(got) < 5:
        await asyncio.sleep_ms(5)
    assert got[:3] == [("plain/%d" % qos, b"payload", qos, True) for qos in (0, 1, 2)], got
    assert sorted(map(str, got[3:])) == sorted(map(str, [("answers", b"slow", 0, True), ("patient", "patient", b"slow")])), got
    assert client.message is None


async def deliveries(client):
    delivery = await client.publish("later", "x", 1, wait=False)
    await delivery
    assert delivery.done()
    await delivery.wait(0)
    assert await client.publish("later", "x", wait=False) is None


async def errors(client):
    error = await failing(OSError, client.connect(HOST, 60, PORT))
    assert error.errno in (106, 127), error
    await failing(ValueError, client.publish("plain/+", "x", 1))
    await failing(ValueError, client.publish("plain", "x", 3))
    await failing(TypeError, client.subscribe("t", 1))
    await failing(ValueError, client.subscribe("a/#/b", plain))
    assert client.connected()


async def iterates(client):
    number = 0
    async with client.messages("count/#", 1, size=2) as messages:
        tasks = [asyncio.create_task(client.publish("count/%d" % i, b"%d" % i, 1)) for i in range(8)]
        async for message in messages:
            assert message.topic == "count/%d" % number and message.qos == 1, message
            await asyncio.sleep_ms(5)
            number += 1
            if number == 8:
                break
    await asyncio.gather(*tasks)
    # It has unsubscribed.
    await client.publish("count/9", "x", 1)

    async def forever():
        async for message in client.messages("count/#"):
            seen.append(message.payload)

    seen = []
    task = asyncio.create_task(forever())
    while not seen:
        await client.publish("count/0", "x", 1)
    task.cancel()
    await failing(asyncio.CancelledError, task)
    await client.unsubscribe("plain/+")


async def shares_time(client):
    """A coroutine that publishes and publishes at QoS 0 leaves time to the others."""
    turns = 0

    async def count():
        nonlocal turns
        while True:
            await asyncio.sleep_ms(0)
            turns += 1

    task = asyncio.create_task(count())
    end = time.ticks_add(time.ticks_ms(), 20000 * SLOWNESS)
    while turns < 5:
        await client.publish("shares", "x")
        assert time.ticks_diff(end, time.ticks_ms()) > 0, turns
    task.cancel()


async def waits_before_its_tasks_run(client):
    """A deadline holds although none of the client's own tasks runs."""
    for task in client._tasks:
        task.cancel()
    client._tasks = ()
    # A message that never leaves: its acknowledgement does not come.
    delivery = await mqtt_aio.Client("aio-alone").publish("t", "x", 1, wait=False)
    error = await failing(OSError, asyncio.wait_for(delivery.wait(50), 10 * SLOWNESS))
    assert error.errno == errno.ETIMEDOUT and "not acknowledged" in str(error), error


async def main():
    client = mqtt_aio.Client("aio", host=HOST, keepalive=60, port=PORT)
    assert isinstance(client, mqtt.Client) and client.down.is_set()
    error = await failing(OSError, client.publish("t", "x", 1))
    assert error.errno == errno.ENOTCONN, error
    error = await failing(OSError, mqtt_aio.Client("aio").reconnect())
    assert error.errno == errno.ENOTCONN, error
    assert await client.connect(HOST, 60, PORT) == 0
    assert client.connected() and client.up.is_set() and not client.down.is_set()
    assert client.get_return_code() == 0 and client.session_present is False
    await messages_arrive(client)
    await deliveries(client)
    await errors(client)
    await iterates(client)
    await shares_time(client)
    await waits_before_its_tasks_run(client)
    assert await client.reconnect() == 0
    await client.publish("t", "x", 2)
    await client.disconnect()
    assert not client.connected() and client.down.is_set() and client.failure is None
    await client.disconnect()
    # Again, with a function that subscribes before the connection counts as up.
    steps = []

    async def ready(client):
        await client.subscribe("ready", plain, 1)
        steps.append(client.up.is_set())

    assert await client.connect(HOST, 60, PORT, None, lambda client: steps.append("before"), ready) == 0
    assert steps == [False], steps
    assert await client.reconnect() == 0
    assert steps == [False, "before", False], steps
    await client.disconnect()


asyncio.run(main())
print("OK")
