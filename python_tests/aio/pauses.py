# The longest pause of the event loop in each of CASE: a task rests for REST ms at a time. The time that this machine
# let the process wait for a processor does not count; and the pauses of a loop that does nothing else are taken in the
# same run. An emulated board counts instructions as long as it does not sleep, so there REST is 0.
import asyncio
import errno
import time

import mqtt
import mqtt_aio
from on_target.held_up import held_up

worst = [0]


async def watch():
    while True:
        before, began = held_up(), time.ticks_us()
        await asyncio.sleep_ms(REST)
        took = time.ticks_diff(time.ticks_us(), began) - max(held_up() - before, 0)
        worst[0] = max(worst[0], took / 1000)


async def in_vain(awaitable, *errnos):
    try:
        await awaitable
    except OSError as error:
        assert error.errno in errnos, error
        return
    raise AssertionError("connected")


async def silent(client):
    # A port that takes connections and never answers.
    await in_vain(client.connect(HOST, 60, PORT), errno.ETIMEDOUT)
    assert not client.connected()


def context():
    if KIND == "builtin":
        return mqtt.create_ssl_context(CA)
    import binascii

    import tls

    made = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
    made.load_verify_locations(binascii.a2b_base64("".join(CA.strip().split("\n")[1:-1])))
    return made


async def dripping(client):
    # TLS whose handshake comes byte by byte, too slowly for the deadline.
    await in_vain(client.connect(HOST, 60, PORT, context()), errno.ETIMEDOUT)
    assert not client.connected()


async def secured(client):
    # The same, fast enough.
    assert await client.connect(HOST, 60, PORT, context()) == 0
    await client.publish("secured", "x", 2)
    await client.disconnect()


async def large(client):
    # A megabyte that comes slowly.
    sizes = []
    await client.connect(HOST, 60, PORT)
    await client.subscribe("large", lambda client, payload, topic: sizes.append(len(payload)), 1)
    while not sizes:
        await asyncio.sleep_ms(10)
    assert sizes == [SIZE], sizes
    await client.disconnect()


async def restart(client):
    # The broker is gone for a while, and comes back; the client does by itself.
    got = []
    await client.connect(HOST, 60, PORT)
    await client.subscribe("again", lambda client, payload, topic: got.append(payload), 1)
    await client.publish("subscribed")
    await asyncio.wait_for(client.down.wait(), 20 * SLOWNESS)
    await asyncio.wait_for(client.up.wait(), 20 * SLOWNESS)
    await client.publish("again", "x", 1)
    while not got:
        await asyncio.sleep_ms(10)
    await client.disconnect()


async def main():
    client = mqtt_aio.Client("pauses", cycle_timeout=100, command_timeout=COMMAND)
    task = asyncio.create_task(watch())
    await asyncio.sleep_ms(500)
    idle, worst[0] = worst[0], 0
    await globals()[CASE](client)
    task.cancel()
    print("the longest pause of %s was %.1f ms, of an idle loop %.1f ms" % (CASE, worst[0], idle))
    assert worst[0] < MOST + 2 * idle, (worst, idle)


asyncio.run(main())
print("OK")
