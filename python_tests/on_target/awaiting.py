# Waiting in a program of asyncio, within a limit.
import asyncio
import time


async def until(condition, seconds=20):
    """Lets the other tasks run; a condition that does not come true in time is a failure."""
    end = time.ticks_add(time.ticks_ms(), seconds * 1000 * SLOWNESS)
    while not condition():
        assert time.ticks_diff(end, time.ticks_ms()) > 0, "waited in vain"
        await asyncio.sleep_ms(5)


async def failing(kind, awaitable):
    """The exception that it raises, which must be of this class."""
    try:
        await awaitable
    except kind as error:
        return error
    raise AssertionError("no %s" % kind.__name__)
