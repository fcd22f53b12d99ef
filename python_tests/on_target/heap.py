# How much of the heap is in use.
import gc


def used():
    """Bytes that are alive."""
    gc.collect()
    return gc.mem_alloc()
