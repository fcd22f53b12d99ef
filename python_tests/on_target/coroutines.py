"""Coroutines that scripts for asyncio share: the counterparts of support.py."""

import asyncio
import time

from on_target.support import checked


async def until(condition, seconds=20):
    """Polls; a condition that does not come true in time is a failure."""
    end = time.ticks_add(time.ticks_ms(), seconds * 1000 * SLOWNESS)
    while not condition():
        assert time.ticks_diff(end, time.ticks_ms()) > 0, "waited in vain"
        await asyncio.sleep_ms(2)


async def failing(kind, awaitable):
    """Awaits; returns its exception, which must be of this class."""
    try:
        result = await awaitable
    except kind as error:
        return error
    raise AssertionError("returned %r where %s was due" % (result, kind.__name__))


async def expect_errno(number, awaitable):
    """Awaits; it has to raise OSError with this errno."""
    return checked(number, await failing(OSError, awaitable))


async def cancelled_after(steps, coroutine):
    """Whether it was still at work after so many turns of the event loop."""
    task = asyncio.create_task(coroutine)
    for _ in range(steps):
        await asyncio.sleep_ms(0)
    if task.done():
        await task
        return False
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        pass
    return True


def elapsed(began):
    """Milliseconds since then."""
    return time.ticks_diff(time.ticks_ms(), began)


async def recovered(client, seconds=20):
    """Waits until the client has connected again by itself."""
    await asyncio.wait_for(client.up.wait(), seconds * SLOWNESS)


async def lost(client, seconds=20):
    """Waits until the client has noticed that its connection is lost."""
    await asyncio.wait_for(client.down.wait(), seconds * SLOWNESS)
