# CALL in a flood of packets that never leaves the socket empty, from a broker that does not answer: it ends within
# command_timeout, another task runs all the while, and the client is as good as before.
import asyncio
import time

import mqtt_aio
from on_target.coroutines import elapsed, expect_errno
from on_target.held_up import held_up

turns = 0


def taken(client, payload, topic):
    pass


async def count():
    global turns
    while True:
        await asyncio.sleep_ms(1)
        turns += 1


CALLS = {
    "publish_1": lambda client: client.publish("trigger", "", 1),
    "publish_2": lambda client: client.publish("trigger", "", 2),
    "subscribe": lambda client: client.subscribe("trigger", taken),
    "unsubscribe": lambda client: client.unsubscribe("trigger"),
}


async def main():
    client = mqtt_aio.Client("flooded", command_timeout=COMMAND, reconnect=False)
    assert await client.connect(HOST, 0, PORT) == 0
    await client.subscribe("taken", taken)
    task = asyncio.create_task(count())
    before, began = held_up(), time.ticks_ms()
    await expect_errno(110, CALLS[CALL](client))
    took = elapsed(began)
    waited = (held_up() - before) // 1000
    print("took", took, "ms,", turns, "turns of another task")
    assert COMMAND - 10 <= took <= COMMAND + COMMAND // 10 + 100 + waited, (took, waited)
    # A turn of the client is 4 ms long and a packet more; the other task gets one after each.
    assert turns > (took - waited) // (20 * SLOWNESS), turns
    task.cancel()
    assert client.connected()
    await client.disconnect()
    assert await client.connect(HOST, 0, PORT) == 0
    await client.publish("after", "", 1)
    await client.disconnect()


asyncio.run(main())
print("OK")
