# The tasks of the benchmark with mqtt_aio: one coroutine, a call for each message.
import asyncio
import sys
import time

import mqtt_aio

port = int(sys.argv[1])
task = sys.argv[2]
count = int(sys.argv[3])
size = int(sys.argv[4])


async def publish(client, qos):
    payload = b"x" * size
    for _ in range(count):
        await client.publish("bench/topic", payload, qos)
    # The peer answers this after it has read everything before.
    await client.unsubscribe("bench/topic")


async def receive(client):
    got = 0
    ended = asyncio.Event()

    def on_message(client, payload, topic):
        nonlocal got
        got += 1
        if got == count:
            ended.set()

    await client.subscribe("source/%d/%d" % (count, size), on_message)
    await ended.wait()


async def main():
    client = mqtt_aio.Client("bench")
    assert await client.connect("127.0.0.1", 60, port) == 0
    begin = time.ticks_us()
    await (publish(client, int(sys.argv[5])) if task == "publish" else receive(client))
    print(time.ticks_diff(time.ticks_us(), begin) / 1e6)
    await client.disconnect()


asyncio.run(main())
