# Waiting in a program of asyncio.
import asyncio
import time


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
