# Helpers of the benchmark on a board.
import gc
import micropython
import time

BURST = 10
SOURCE = "source/%d/64" % BURST


def report(name, value):
    print("%s = %d" % (name, round(value)))


def heap():
    gc.collect()
    return gc.mem_alloc()


def allocated():
    return gc.mem_alloc()


def median(values):
    values.sort()
    return values[len(values) // 2]


def per_operation(operation, batch=20, batches=41):
    """Instructions of one call: at `-icount shift=0` an instruction takes a nanosecond."""
    empty = lambda: None
    results = []
    for function in (empty, operation):
        times = []
        for _ in range(batches):
            gc.collect()
            # The network drains.
            time.sleep_ms(3)
            begin = time.ticks_us()
            for _ in range(batch):
                function()
            times.append(time.ticks_diff(time.ticks_us(), begin))
        results.append(median(times))
    return (results[1] - results[0]) * 1000 / batch


def per_message(burst, bursts=41):
    """Instructions from callback to callback, of messages that are all there."""
    times = []
    for _ in range(bursts):
        gc.collect()
        burst()
        times.append(time.ticks_diff(stamps[1], stamps[0]))
    return median(times) * 1000 / (BURST - 1)


def per_call(operation, calls=16):
    """Bytes of heap that one call takes, garbage included."""
    gc.collect()
    gc.disable()
    first = gc.mem_alloc()
    for _ in range(calls):
        operation()
    last = gc.mem_alloc()
    gc.enable()
    return (last - first) / calls
