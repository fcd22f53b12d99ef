# set_authentication() and reauthenticate() of mqtt_aio: CASE says which function below.
import asyncio
import time

import mqtt
import mqtt_aio
from on_target.authentication import LATE, METHOD, Answers
from on_target.awaiting import failing, until
from on_target.coroutines import elapsed, expect_errno, recovered


def client(*answers, command_timeout=20000, **options):
    c = mqtt_aio.Client("v5", command_timeout=command_timeout, **options)
    c.set_version(5)
    c.set_authentication(METHOD, Answers(*answers))
    return c


async def connects():
    """In several rounds, while another task runs; then again on the running connection, while messages flow."""
    function = Answers("first", "a", "b", None, "again", "c", "last")
    got = []
    c = client("")
    c.set_authentication(METHOD, function)
    turns = 0

    async def count():
        nonlocal turns
        while True:
            await asyncio.sleep_ms(1)
            turns += 1

    task = asyncio.create_task(count())
    assert await c.connect(HOST, 60, PORT) == 0
    assert function.data == [None, b"1", b"2", b"end"], function.data
    await c.subscribe("in", lambda client, payload, topic: got.append(payload), 1)
    await asyncio.gather(c.reauthenticate(), c.publish("out", "x", 1))
    assert function.data[4:] == [None, b"3", b"end"], function.data
    await until(lambda: got == [b"0", b"1"] and turns)
    task.cancel()
    assert c.connected() and c.failure is None
    await c.disconnect()


async def fails_to_connect():
    """connect() raises the reason: of the broker's fault, of the function, of the deadline."""
    c = client("x")
    error = await failing(mqtt.MQTTException, c.connect(HOST, 60, PORT))
    assert error.args[1] == "authentication that the client did not ask for", error
    for answers in (["raise"], ["x", "raise"], ["x", "x", "raise"]):
        c.set_authentication(METHOD, Answers(*answers))
        error = await failing(KeyError, c.connect(HOST, 60, PORT))
        assert error.args == ("no key",) and not c.connected()
    c.set_authentication(METHOD, Answers("x"))
    assert await c.connect(HOST, 60, PORT) == 0x87
    await c.disconnect()


async def in_vain():
    for _ in range(2):
        c = client("x", command_timeout=500)
        begin = time.ticks_ms()
        error = await expect_errno(110, c.connect(HOST, 60, PORT))
        assert error.args[1] == "no CONNACK within command_timeout", error
        assert 500 <= elapsed(begin) < 10000 * SLOWNESS
        await c.disconnect()


async def fails_to_reauthenticate():
    """The call raises the reason, the connection ends with it, and the client connects again by itself."""
    c = client("x", cycle_timeout=20)
    assert await c.connect(HOST, 60, PORT) == 0
    error = await failing(OSError, c.reauthenticate())
    assert type(error) is mqtt.MQTTException and error.args == (0x87, "Not authorized: because"), error
    await recovered(c)
    await c.disconnect()
    for answers, kind, text in (
        (["x", "x", "raise"], KeyError, "no key"),
        (["x", "x"], OSError, "authentication that the client did not ask for"),
    ):
        c.set_authentication(METHOD, Answers(*answers))
        assert await c.connect(HOST, 60, PORT) == 0
        error = await failing(kind, c.reauthenticate())
        assert text in str(error) and text in str(c.failure), (error, c.failure)
        c.set_authentication(METHOD, Answers("x"))
        await recovered(c)
        await c.disconnect()


async def gives_up():
    """The deadline holds, and so does that of the program; each ends the connection."""
    for timeout in (500, 20000):
        c = client("x", command_timeout=timeout, reconnect=False)
        assert await c.connect(HOST, 60, PORT) == 0
        begin = time.ticks_ms()
        if timeout == 500:
            error = await expect_errno(110, c.reauthenticate())
            assert error.args[1] == LATE, error
        else:
            await failing(asyncio.TimeoutError, asyncio.wait_for_ms(c.reauthenticate(), 500))
        assert 500 <= elapsed(begin) < 10000 * SLOWNESS
        assert not c.connected() and c.failure.args[1] == LATE, c.failure
        await c.disconnect()


async def nothing_sent():
    """A call that sends nothing leaves the connection as it was."""
    c = mqtt_aio.Client("v5", command_timeout=20000)
    c.set_version(5)
    assert await c.connect(HOST, 60, PORT) == 0
    await failing(ValueError, c.reauthenticate())
    await c.disconnect()
    c.set_authentication(METHOD, Answers("x", "raise", "y"))
    await expect_errno(107, c.reauthenticate())
    assert await c.connect(HOST, 60, PORT) == 0
    error = await failing(KeyError, c.reauthenticate())
    assert c.connected(), error
    first = asyncio.create_task(c.reauthenticate())
    await asyncio.sleep_ms(0)
    await expect_errno(11, c.reauthenticate())
    await c.publish("second call", "")
    await first
    assert c.connected()
    await c.disconnect()


asyncio.run(globals()[CASE]())
print("OK")
