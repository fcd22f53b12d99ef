# Cancelling coroutines.
import asyncio


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
