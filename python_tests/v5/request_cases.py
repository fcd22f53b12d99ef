# Requests that a broker spoils, of both clients: CLIENT is the module, CASE says which function below.
import asyncio
import time

import mqtt
from on_target.awaiting import failing
from on_target.coroutines import expect_errno
from on_target.support import need_version_5

need_version_5()


async def call(method, *args, **options):
    """The result of a method, or of its coroutine."""
    result = method(*args, **options)
    return await result if hasattr(result, "send") else result


async def suback_that_does_not_come(client):
    begin = time.ticks_ms()
    error = await expect_errno(110, call(client.request, "ask", "one", 300))
    assert error.args[1] == "no answer to the request", error.args
    assert 300 <= time.ticks_diff(time.ticks_ms(), begin) < 5000 * SLOWNESS
    # The next one subscribes anew.
    assert (await call(client.request, "ask", "two")).payload == b"re two"


async def answers_that_do_not_come(client):
    """As many as there is room for, and one more: each has given its place back."""
    # It takes the time of the subscription, too.
    assert (await call(client.request, "ask", "one")).payload == b"re one"
    for _ in range(17):
        await expect_errno(110, call(client.request, "ask", "mute", 20))
    assert (await call(client.request, "ask", "two")).payload == b"re two"


async def refusals(client):
    for _ in range(17):
        error = await failing(mqtt.MQTTException, call(client.request, "ask", "x"))
        assert error.args == (0x87, "Not authorized: not here"), error.args
    for _ in range(17):
        error = await failing(mqtt.MQTTException, call(client.request, "ask", "x", qos=1))
        assert error.args == (0x90, "Topic Name invalid: nor there"), error.args
    assert client.connected()
    assert (await call(client.request, "ask", "two")).payload == b"re two"


async def connection_that_is_lost(client):
    for _ in range(17):
        await failing(OSError, call(client.request, "ask", "lost"))
        assert not client.connected()
        assert await call(client.reconnect) == 0
    assert (await call(client.request, "ask", "two")).payload == b"re two"


async def main():
    if CLIENT == "mqtt_aio":
        import mqtt_aio

        client = mqtt_aio.Client("v5", command_timeout=20000, reconnect=False)
    else:
        client = mqtt.Client("v5", command_timeout=20000)
    client.set_version(5)
    assert await call(client.connect, HOST, 60, PORT) == 0
    await globals()[CASE](client)
    await call(client.disconnect)


asyncio.run(main())
print("OK")
