# A coroutine of the client is cancelled at each of its awaits in turn. The client is as good as before then, and
# no descriptor stays open.
import asyncio

import mqtt_aio
from on_target.cancelling import cancelled_after
from on_target.resources import open_files
from on_target.support import speak


def function(client, payload, topic):
    got.append(payload)


got = []


async def connect(client):
    await client.disconnect()
    await client.connect(HOST, 60, PORT)


async def reconnect(client):
    await client.reconnect()


async def publish(client):
    await client.publish("cancelled", "x", QOS)


async def subscribe(client):
    await client.subscribe("cancelled/other", function, 1)


async def unsubscribe(client):
    await client.unsubscribe("cancelled/other")


async def disconnect(client):
    await client.disconnect()


async def iterate(client):
    async with client.messages("cancelled/more", 1):
        pass


async def request(client):
    await client.request("cancelled/ask", "x", qos=1)


async def answer(client, payload, topic):
    await client.reply(payload)


async def main():
    client = mqtt_aio.Client("cancelled", False, command_timeout=20000 * SLOWNESS)
    if CALL == "request":
        speak(client, 5)
    await client.connect(HOST, 60, PORT)
    await client.subscribe("cancelled/end", function, 1)
    await client.subscribe("cancelled/ask", answer, 1)
    open_before = open_files()
    steps = 0
    while await cancelled_after(steps, globals()[CALL](client)):
        steps += 1
        assert steps < 5000
        # The client is usable at once.
        if not client.connected():
            assert await client.connect(HOST, 60, PORT) == 0
        got.clear()
        await client.publish("cancelled/end", "%d" % steps, 2)
        while got != [b"%d" % steps]:
            await asyncio.sleep_ms(1)
        assert open_files() == open_before, (open_files(), open_before)
        if CALL == "request":
            # The places of the requests are free.
            number = b"%d" % steps
            answers = await asyncio.gather(client.request("cancelled/ask", number), client.request("cancelled/ask", number))
            assert [message.payload for message in answers] == [number, number], answers
            # The next one subscribes to the topic for answers again.
            await client.unsubscribe("response/cancelled")
    print(CALL, "was cancelled at", steps, "places")
    assert steps > 0
    await client.disconnect()


asyncio.run(main())
print("OK")
