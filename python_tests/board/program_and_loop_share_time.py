# The loop beside a main program that is busy: CASE names the work.
import asyncio
import socket
import time

import machine
import mqtt
from on_target.support import expect, wait_until

came = 0


def on_message(client, payload, topic):
    global came
    came += 1


def rounds(ms):
    """How often something can be computed in this time."""
    count = 0
    end = time.ticks_add(time.ticks_ms(), ms)
    while time.ticks_diff(end, time.ticks_ms()) > 0:
        for _ in range(50):
            pass
        count += 1
    return count


def flood():
    """Messages without end: the program has its share of the time, and so do timers."""
    ticks = []
    machine.Timer(period=2, callback=lambda timer: ticks.append(None))
    alone = rounds(500)
    ticks.clear()
    client.publish("flood")
    wait_until(lambda: came > 100)
    before = came
    ticks.clear()
    beside = rounds(500)
    print(alone, beside, came - before, len(ticks))
    assert came - before > 500, came
    assert beside > alone // 20, (alone, beside)
    # An eighth of 250 or so: lwIP posts every segment to the scheduler, whose queue is short. Which ones
    # find a place there is chance, and of fewer ticks it might be none.
    assert len(ticks) >= 30, len(ticks)


sent = None


def on_count(client, payload, topic):
    global sent
    sent = int(payload)


def every(ms, wait):
    """A message each so often, while the program does something else: most come in meanwhile."""
    global came, sent
    all_sent = all_came = 0
    while all_sent < 20:
        came, sent = 0, None
        client.publish("every", b"%d" % ms)
        wait(1000)
        all_came += came
        client.publish("stop")
        wait_until(lambda: sent is not None)
        all_sent += sent
    assert all_came > all_sent // 2, (all_came, all_sent)


def waits():
    """Sleeping, polling, receiving from another socket, in asyncio."""

    async def nap(ms):
        await asyncio.sleep_ms(ms)

    async def tasks(ms):
        await asyncio.gather(nap(ms), nap(ms // 2))

    def receive(ms):
        other = socket.socket()
        other.connect(socket.getaddrinfo(HOST, PORT)[0][-1])
        other.settimeout(ms / 1000)
        expect(OSError, other.recv, 1)
        other.close()

    for wait in (time.sleep_ms, rounds, lambda ms: asyncio.run(tasks(ms)), receive):
        every(50, wait)


client = mqtt.Client("fairness", command_timeout=20000)
assert client.connect(HOST, 60, PORT) == 0
client.subscribe("t/#", on_message)
client.subscribe("count", on_count)
globals()[CASE]()
client.disconnect()
print("OK")
