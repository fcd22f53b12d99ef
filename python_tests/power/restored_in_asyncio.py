# A client for asyncio stores its session, loses the power, and goes on with it.
import asyncio

import mqtt_aio

states = []
is_failing = False
got = []
came = asyncio.Event()


def store(state):
    """The power fails when it has stored the state: nothing leaves."""
    states.append(state)
    if is_failing:
        raise OSError(5)


def function(client, payload, topic):
    got.append(payload)
    came.set()


async def main():
    global is_failing
    client = mqtt_aio.Client("power-aio", False, command_timeout=20000)
    client.set_store(store)
    await client.subscribe("in", function, 2)
    await client.connect(HOST, 60, PORT)
    await client.publish("in", "first", 2)
    await came.wait()
    came.clear()
    is_failing = True
    await client.publish("in", "second", 2, wait=False)
    state = states[-1]
    assert b"second" in state
    client.set_store(None)
    await client.disconnect()

    again = mqtt_aio.Client("power-aio", False, command_timeout=20000)
    again.restore(state)
    await again.subscribe("in", function, 2)
    await again.connect(HOST, 60, PORT)
    assert again.session_present
    await came.wait()
    await again.disconnect()
    assert got == [b"first", b"second"], got


asyncio.run(main())
print("OK")
