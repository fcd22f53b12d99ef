# heap: 2m
# For SECONDS: a client whose function is slower than its messages come, one that is flooded and not answered, and one
# that publishes from everywhere. Prints its counts.
import errno
import gc
import sys
import time

import mqtt
from on_target.resources import open_files
from on_target.support import wait_until

import micropython

try:
    import _thread
except ImportError:
    _thread = None
try:
    from machine import Timer
except ImportError:
    Timer = None

LIMIT = COMMAND + COMMAND // 10 + 100
errors = []
failures = []
counts = {1: 0, 2: 0}
longest = 0
longest_in_flood = 0
running = 0
ended = False
used = []
taken = 0
files = []


def elapsed(began):
    return time.ticks_diff(time.ticks_ms(), began)


def publish(client, qos):
    """Counts it: it has to arrive at the peer, once."""
    global longest
    began = time.ticks_ms()
    try:
        client.publish("count/%d" % qos, "x" * 100, qos)
    finally:
        longest = max(longest, elapsed(began))
    with lock:
        counts[qos] += 1


class NoLock:
    def __enter__(self):
        pass

    def __exit__(self, *_):
        pass


lock = _thread.allocate_lock() if _thread else NoLock()


def guarded(function):
    """An exception of it ends the run."""

    def call(*args):
        try:
            function(*args)
        except Exception as error:
            sys.print_exception(error)
            errors.append(error)

    return call


# ---- the slow one


@guarded
def slow(client, payload, topic):
    global taken
    taken += 1
    time.sleep_ms(WORK)
    if taken % 50 == 0:
        gc.collect()
        used.append(gc.mem_alloc())
    if taken % 20 == 0:
        try:
            publish(client, 1)
        except OSError as error:
            if error.errno != errno.ENOBUFS:
                raise
            # Its answer is behind the messages that wait; the broker gets it all the same. Or such messages have
            # filled the window, and it was not sent.
            if "in flight" in error.args[1]:
                with lock:
                    counts[1] += 1


slow_one = mqtt.Client("load-slow", command_timeout=60000)
assert slow_one.connect(HOST, KEEP_ALIVE, PORT, loop_failure=failures.append) == 0
slow_one.subscribe("steady", slow)

# ---- the busy one

echoes = 0


@guarded
def echo(client, payload, topic):
    global echoes
    echoes += 1
    if echoes % 5 == 0:
        publish(client, 1 + echoes // 5 % 2)


busy = mqtt.Client("load-busy", command_timeout=30000)
assert busy.connect(HOST, KEEP_ALIVE, PORT, loop_failure=failures.append) == 0
busy.subscribe("echo", echo, 1)
scheduled = 0
# The time of scheduled functions, in ms: they run on top of calls that are measured.
on_top_of_calls = 0


@guarded
def on_top(argument):
    global scheduled, on_top_of_calls
    began = time.ticks_ms()
    publish(busy, 1 + scheduled % 2)
    on_top_of_calls += elapsed(began)
    scheduled += 1


def schedule():
    """A function that schedules itself would leave no time to other threads."""
    try:
        micropython.schedule(on_top, None)
    except RuntimeError:
        pass  # the queue is full


@guarded
def work(number):
    while not ended:
        publish(busy, 1 + number % 2)
        busy.publish("echo", "x", number % 3)
        time.sleep_ms(5)


def run(number):
    global running
    work(number)
    with lock:
        running -= 1


if _thread:
    for number in range(3):
        with lock:
            running += 1
        _thread.start_new_thread(run, (number,))
beat = Timer(period=50, callback=on_top) if Timer else None

# ---- the flooded one

slow_one.publish("begin", "", 1)
flooded = mqtt.Client("load-flooded", command_timeout=COMMAND)
flooded.subscribe("taken", lambda client, payload, topic: None)


def in_flood(call, *args):
    global longest_in_flood
    began = time.ticks_ms()
    before = on_top_of_calls
    try:
        call(*args)
    except OSError as error:
        if error.errno != errno.ETIMEDOUT:
            raise
    longest_in_flood = max(longest_in_flood, elapsed(began) - (on_top_of_calls - before))


began = time.ticks_ms()
rounds = 0
while elapsed(began) < SECONDS * 1000 and not errors and not failures:
    assert flooded.connect(HOST, 0, FLOOD_PORT, start_loop=rounds % 2 == 0) == 0
    schedule()
    in_flood(flooded.publish, "trigger", "", 1)
    if rounds % 3 == 0:
        schedule()
        in_flood(flooded.subscribe, "new", print)
    in_flood(flooded.disconnect)
    publish(busy, 1)
    busy.publish("echo", "x", 1)
    files.append(open_files())
    rounds += 1
ended = True
if beat:
    beat.deinit()
wait_until(lambda: running == 0, 60)
assert not errors, errors
assert not failures and slow_one.connected() and busy.connected()
# The broker's script ends with a goodbye.
assert flooded.connect(HOST, 0, FLOOD_PORT) == 0
flooded.disconnect()
busy.disconnect()
slow_one.disconnect()
assert longest_in_flood <= LIMIT, longest_in_flood
settled = used[len(used) // 3 :]
heap = max(settled) - min(settled) if settled else 0
print("rounds:", rounds)
print("taken:", taken)
print("echoes:", echoes)
print("scheduled:", scheduled)
print("published at QoS 1:", counts[1])
print("published at QoS 2:", counts[2])
print("longest call in a flood:", longest_in_flood)
print("longest call:", longest)
print("heap:", heap)
print("files:", max(files) - min(files))
assert scheduled and taken and rounds
assert heap <= MOST, used
# A connection of the flooded client may be on its way out.
assert files[-1] - files[0] <= 1, files
print("OK")
