# request() and reply() in asyncio: coroutines that ask and answer over one event loop.
import asyncio
import errno

import mqtt_aio
from on_target.awaiting import failing, until
from on_target.coroutines import expect_errno
from on_target.support import need_version_5

need_version_5()


def made(name):
    client = mqtt_aio.Client(name, command_timeout=20000)
    client.set_version(5)
    return client


async def answer(server, payload, topic):
    """A coroutine function: it can wait before it answers."""
    await asyncio.sleep_ms(5)
    await server.reply(b"re " + payload, qos=QOS)


async def answer_all(server):
    async with server.messages("iterated", 1, no_local=True) as messages:
        ready.set()
        async for message in messages:
            await server.reply(b"it " + message.payload, qos=QOS, message=message)


async def asks(client):
    message = await client.request("ask", "one", qos=QOS)
    assert message.topic == "response/asker" and message.payload == b"re one" and message.qos == QOS, message
    message = await client.request("ask", b"two", 20000, properties={"content_type": "text/plain"})
    assert message.payload == b"re two", message
    message = await client.request("iterated", "three", qos=QOS)
    assert message.payload == b"it three", message
    # Each gets its own answer.
    asked = [client.request("ask", "%d" % number, qos=QOS) for number in range(2)]
    answers = await asyncio.gather(*asked)
    assert [message.payload for message in answers] == [b"re 0", b"re 1"], answers


async def asks_wrongly(client):
    await failing(ValueError, client.request("ask", "x", properties={"nothing": 1}))
    await failing(ValueError, client.request("ask", "x", properties={"response_topic": "mine"}))
    await failing(ValueError, client.request("ask", "x", properties={"correlation_data": b"mine"}))
    await failing(ValueError, client.request("ask/#", "x"))
    await failing(ValueError, client.request("ask", "x", -1))
    await failing(TypeError, client.request("ask", 5))
    await failing(ValueError, client.reply("no message"))
    await failing(ValueError, client.disconnect(reason=0x87))
    assert client.connected()
    error = await expect_errno(110, client.request("nobody", "x", 200))
    assert error.args[1] == "no answer to the request", error.args


async def asks_too_much(client):
    """There is room for 2 requests on a board, and for 16 on a PC."""

    async def ask():
        try:
            return await client.request("nobody", "x", 1000)
        except OSError as error:
            return error.errno

    ends = await asyncio.gather(*[ask() for _ in range(17)])
    assert set(ends) == {errno.ETIMEDOUT, errno.ENOBUFS}, ends
    assert (await client.request("ask", "again")).payload == b"re again"


async def asks_inside(client, server):
    """A coroutine function asks while other messages wait for it."""
    answers = []

    async def ask(client, payload, topic):
        answers.append((await client.request("ask", payload)).payload)

    await client.subscribe("inside", ask, 2)
    for number in range(3):
        await server.publish("inside", "%d" % number, qos=1)
    await until(lambda: len(answers) == 3)
    assert answers == [b"re 0", b"re 1", b"re 2"], answers


async def main():
    server, client = made("server"), made("asker")
    await expect_errno(107, client.request("ask"))
    await failing(ValueError, mqtt_aio.Client("old").request("ask"))
    for each in (server, client):
        assert await each.connect(HOST, 30, PORT) == 0
    await server.subscribe("ask", answer, 2)
    iterator = asyncio.create_task(answer_all(server))
    await ready.wait()
    await asks(client)
    await asks_wrongly(client)
    await asks_too_much(client)
    await asks_inside(client, server)
    # A new connection subscribes anew.
    assert await client.reconnect() == 0
    await asks(client)
    await client.disconnect()
    await expect_errno(107, client.request("ask"))
    await server.disconnect(reason=4, properties={"reason_string": "done"})
    await iterator


ready = asyncio.Event()
asyncio.run(main())
print("OK")
