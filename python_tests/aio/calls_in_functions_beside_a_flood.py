# A coroutine function awaits calls while a flood of MESSAGES messages comes in: CASE says which. The messages wait for
# the function to return, in the client up to its bound and then at the broker; none is lost, and QoS 2 comes once.
import asyncio

import mqtt_aio
from on_target.awaiting import until

got = []
others = []
ended = []
errors = []
busy = 0


def guarded(function):
    """The client never runs two functions at once, and their exceptions are noticed."""

    async def call(client, payload, topic):
        global busy
        busy += 1
        try:
            assert busy == 1, "a message was delivered while a function was at work on another one"
            await function(client, payload)
        except Exception as error:
            errors.append(error)
            raise
        finally:
            busy -= 1

    return call


async def flooded(client, payload):
    got.append(int(payload))


async def other(client, payload):
    others.append(payload)


async def publish_0(client):
    for _ in range(20):
        await client.publish("t/cb/other", b"x")
    return 20


async def publish_1(client):
    for _ in range(20):
        await client.publish("t/cb/other", b"x", 1)
    return 20


async def publish_2(client):
    for _ in range(20):
        await client.publish("t/cb/other", b"x", 2)
    return 20


async def subscribe(client):
    for number in range(20):
        await client.subscribe("t/cb/new/%d" % number, guarded(other), number % 3)
        await client.publish("t/cb/new/%d" % number, b"x", 2)
    return 20


async def unsubscribe(client):
    await client.unsubscribe("t/cb/other")
    await client.publish("t/cb/other", b"x", 2)
    return 0


async def reconnect(client):
    for _ in range(3):
        assert await client.reconnect() == 0
    await client.publish("t/cb/other", b"x", 2)
    return 1


async def disconnect_and_connect(client):
    await client.disconnect()
    assert await client.connect(HOST, 60, PORT) == 0
    await client.publish("t/cb/other", b"x", 2)
    return 1


async def raising(client):
    raise ValueError("as it should")


async def act(client, payload):
    ended.append(await globals()[CASE](client))


async def main():
    client = mqtt_aio.Client("aio-cb-" + CASE, False, cycle_timeout=50, command_timeout=30000)
    flooder = mqtt_aio.Client("aio-flooder", command_timeout=30000)
    await client.connect(HOST, 60, PORT)
    # QoS 2: one that was not acknowledged before a reconnect() would come, and reconnect, for ever.
    await client.subscribe("t/cb/do", guarded(act), 2)
    await client.subscribe("t/cb/flood", guarded(flooded), QOS)
    await client.subscribe("t/cb/other", guarded(other), 1)
    await flooder.connect(HOST, 60, PORT)
    for number in range(MESSAGES):
        if number == 3:
            await flooder.publish("t/cb/do", b"", 2)
        await flooder.publish("t/cb/flood", str(number), QOS)
    await flooder.disconnect()
    await until(lambda: len(set(got)) == MESSAGES, 50)
    if CASE == "raising":
        error = errors.pop()
        assert isinstance(error, ValueError), error
    else:
        await until(lambda: ended or errors)
        await until(lambda: errors or len(others) >= ended[0])
        assert len(others) == ended[0], (others, ended)
    assert not errors, errors
    if CASE in ("reconnect", "disconnect_and_connect") and QOS == 1:
        # Messages without an acknowledgement on the old connection may come twice.
        first = sorted(set(got), key=got.index)
    else:
        first = got
    assert first == list(range(MESSAGES)), [pair for pair in zip(first, range(MESSAGES)) if pair[0] != pair[1]][:5]
    await client.disconnect()
    # Leave no session behind.
    clean = mqtt_aio.Client("aio-cb-" + CASE)
    await clean.connect(HOST, 60, PORT)
    await clean.disconnect()


asyncio.run(main())
print("OK")
