"""Coroutines that scripts for asyncio share: the counterparts of support.py."""

import asyncio
import time

from on_target.awaiting import failing
from on_target.support import checked


async def expect_errno(number, awaitable):
    """Awaits; it has to raise OSError with this errno."""
    return checked(number, await failing(OSError, awaitable))


def elapsed(began):
    """Milliseconds since then."""
    return time.ticks_diff(time.ticks_ms(), began)


async def recovered(client, seconds=20):
    """Waits until the client has connected again by itself."""
    await asyncio.wait_for(client.up.wait(), seconds * SLOWNESS)


async def lost(client, seconds=20):
    """Waits until the client has noticed that its connection is lost."""
    await asyncio.wait_for(client.down.wait(), seconds * SLOWNESS)
