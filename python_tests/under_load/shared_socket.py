# heap: 64m
# Two threads use a connection, one blocked in a write, one in a wait. It ends as HOW says: so do both calls, and
# the number of open files is as before.
import _thread
import errno
import gc
import time

import mqtt
from on_target.control import tell
from on_target.resources import open_files
from on_target.support import wait_until

ended = []
# More than all the buffers on the way take.
large = bytes(32_000_000)


def in_thread(*args):
    try:
        client.publish(*args)
        ended.append("it returned")
    except OSError as error:
        ended.append(error.errno)


_thread.stack_size(256 * 1024)
client = mqtt.Client("shared-socket", command_timeout=20000)
before = None
for number in range(TIMES):
    ended.clear()
    if before is None:
        gc.collect()
        before = open_files()
    assert client.connect(HOST, 0, PORT, start_loop=LOOP) == 0
    _thread.start_new_thread(in_thread, ("small", "x", 1))
    tell("small")
    _thread.start_new_thread(in_thread, ("large", large))
    tell("large")
    began = time.ticks_ms()
    if HOW == "disconnect":
        client.disconnect()
    elif HOW == "reconnect":
        tell("end")
        assert client.reconnect() == 0
    if HOW != "reconnect":
        tell("end")
    # Not by their deadlines, which are 20 s away.
    wait_until(lambda: len(ended) == 2, 5)
    assert all(isinstance(each, int) and each not in (0, errno.ETIMEDOUT) for each in ended), ended
    print("ended after", time.ticks_diff(time.ticks_ms(), began), "ms:", ended)
    if HOW in ("reset", "fin"):
        wait_until(lambda: not client.connected(), 5)
        # Nobody but the client has it. It need not be asked for anything.
        wait_until(lambda: open_files() <= before, 5)
    client.disconnect()
    wait_until(lambda: open_files() <= before, 5)
print("OK")
