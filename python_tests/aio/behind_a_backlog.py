# A coroutine function awaits a CALL whose answer comes behind COUNT messages, more than the client keeps: ENOBUFS at
# once, and the connection stays. They come in order afterwards, when the function has returned.
import asyncio
import errno
import time

import mqtt_aio
from on_target.awaiting import until
from on_target.coroutines import elapsed
from on_target.heap import used
from on_target.support import Record

got = 0
wrong = []
outcome = []
ended = Record()
COMMAND = 60000
CALLS = {
    "publish_1": lambda client: client.publish("out", "", 1),
    "publish_2": lambda client: client.publish("out", "", 2),
    "subscribe": lambda client: client.subscribe("new", print),
    "unsubscribe": lambda client: client.unsubscribe("m/other"),
}


async def go(client):
    before, began = used(), time.ticks_ms()
    try:
        await CALLS[CALL](client)
        outcome.append("it returned")
    except Exception as error:
        outcome.append(error)
    outcome.append(used() - before)
    outcome.append(elapsed(began))
    outcome.append((got, client.connected()))


async def take(client, payload, topic):
    global got
    if topic == "go":
        await go(client)
    elif topic == "end":
        ended(client, payload, topic)
    else:
        number = int(payload[:6])
        if number != got or not outcome:
            wrong.append((number, got))
        got = number + 1


async def main():
    client = mqtt_aio.Client("behind", command_timeout=COMMAND, reconnect=False)
    assert await client.connect(HOST, 60, PORT) == 0
    await client.subscribe("#", take, QOS)
    await client.subscribe("m/other", take, QOS)
    await until(lambda: ended, 60)
    error, more, took, state = outcome
    print(repr(error), more, "bytes more in use,", took, "ms")
    assert isinstance(error, OSError) and error.errno == errno.ENOBUFS, error
    # The messages, in their blocks, and the tasks.
    assert more <= MOST + MOST // 4 + SIZE, more
    assert took < COMMAND // 2 and state == (0, True), (took, state)
    assert got == COUNT and not wrong, (got, wrong[:10])
    assert client.connected()
    await client.publish("after", "", 2)
    await client.disconnect()


asyncio.run(main())
print("OK")
