# Helpers of the benchmark on a board. HOST and PORT are the peer's address, CONNECTS is the number of
# connections, and TLS is None, "builtin" or "port".
import counters
import gc
import time

# A burst has many messages, because after a collection the search for free memory begins at the front of the
# heap again, until the holes there are used up.
BURST = 100
SIZE = 64
SOURCE = "source/%d/%d" % (BURST, SIZE)
TOPIC = "bench/topic"
PAYLOAD = b"x" * SIZE
# At `-icount shift=0` an instruction takes a nanosecond.
NS_PER_CYCLE = 40
# Nothing is on its way any more after so many ms.
QUIET = 4


def report(name, value):
    print("%s = %d" % (name, round(value)))


def heap():
    gc.collect()
    return gc.mem_alloc()


def median(values):
    values.sort()
    return values[len(values) // 2]


def since(begin):
    """Cycles of the processor, which do not go on while it sleeps."""
    return time.ticks_diff(time.ticks_cpu(), begin)


def per_operation(operation, calls=101):
    """Instructions of one call, on a network that was quiet before. QEMU's answers a packet at once:
    that is included."""
    results = []
    for function in (lambda: None, operation):
        times = []
        gc.collect()
        for _ in range(calls):
            time.sleep_ms(QUIET)
            begin = time.ticks_cpu()
            function()
            times.append(since(begin))
        results.append(median(times))
    return (results[1] - results[0]) * NS_PER_CYCLE


def per_message(stamps, burst, bursts=41):
    """Instructions from the first of BURST messages, which are all there, to the last; `burst` leaves
    when each of the two was had in `stamps`."""
    times = []
    for _ in range(bursts):
        gc.collect()
        stamps.clear()
        burst()
        times.append(time.ticks_diff(stamps[1], stamps[0]))
    return median(times) * NS_PER_CYCLE / (BURST - 1)


def per_connect(connect, disconnect):
    """The instructions of a connection, without the wait for the network."""
    times = []
    for _ in range(CONNECTS):
        gc.collect()
        time.sleep_ms(QUIET)
        begin = time.ticks_cpu()
        connect()
        times.append(since(begin))
        disconnect()
    return median(times) * NS_PER_CYCLE


def peak_of(operation):
    """Bytes of heap that are alive at the most while it runs, more than before."""
    before = heap()
    counters.watch()
    operation()
    return counters.peak() - before


def taken(operation, calls=16):
    """Bytes of heap that one call takes, garbage included."""
    gc.collect()
    gc.disable()
    first = gc.mem_alloc()
    for _ in range(calls):
        operation()
    last = gc.mem_alloc()
    gc.enable()
    return (last - first) / calls


def stack_of(operation, times=20):
    """Bytes of stack that it takes at the most, interrupts included, whenever they come."""
    counters.paint()
    for _ in range(times):
        operation()
    return counters.depth()
