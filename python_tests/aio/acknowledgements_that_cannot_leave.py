# A broker that sends and sends, and reads nothing any more: the acknowledgements that it asks for cannot leave. The
# client notices within command_timeout (or the keep-alive), and other tasks run all the while.
import asyncio
import time

import mqtt_aio
from on_target.coroutines import elapsed, recovered
from on_target.heap import used

record = []
longest = 0


def on_message(client, payload, topic):
    if not record:
        record.append(topic)


async def main():
    global longest
    client = mqtt_aio.Client("full", cycle_timeout=20000, command_timeout=PATIENCE)
    assert await client.connect(HOST, KEEPALIVE, PORT) == 0
    await client.subscribe("flood", on_message, 1)
    before = used()
    await client.publish("go")
    begin = last = time.ticks_ms()
    # The event itself may be over before this task looks at it: the client connects again at once.
    ended = asyncio.create_task(client.down.wait())
    while not ended.done():
        await asyncio.sleep_ms(1)
        longest = max(longest, elapsed(last))
        last = time.ticks_ms()
        assert elapsed(begin) < LIMIT, "the connection does not end"
    more = used() - before
    print("ended after", elapsed(begin), "ms; another task waited for", longest, "at most;", more, "bytes more in use")
    assert record
    assert longest < MOST, longest
    assert more < 128 * 1024, more
    # The client is as good as before, and has come back by itself or does now.
    await recovered(client)
    await client.publish("after", "", 1)
    await client.disconnect()


asyncio.run(main())
print("OK")
