# One client and a broker that ends and comes back: CASE says which function below.
import sys
import time
from errno import ENOTCONN

import mqtt
from on_target.control import tell
from on_target.support import Record, wait_until

try:
    import _thread
except ImportError:
    _thread = None


def backing_off(client):
    """A loop_failure as one would write it."""
    if _thread is None:
        # While it runs, nothing else does. It is asked again.
        try:
            client.reconnect()
        except OSError:
            pass
        return mqtt.RECOVERED
    pause = 5
    while True:
        try:
            if client.reconnect() == 0:
                return mqtt.RECOVERED
        except OSError:
            pass
        time.sleep_ms(pause)
        pause = min(2 * pause, 100)


def nothing_is_lost():
    """QoS 1 and 2, a kept session, a broker that saves its state: all arrive, QoS 2 once."""
    if _thread is None:
        print("SKIP it takes threads")
        sys.exit()
    counts = {}
    order = []

    def take(client, payload, topic):
        counts[payload] = counts.get(payload, 0) + 1
        if counts[payload] == 1:
            order.append(payload)

    c = mqtt.Client("nothing-lost", clean_session=False, cycle_timeout=20, command_timeout=10000)
    c.connect(HOST, 10, PORT, loop_failure=backing_off)
    c.subscribe("t/nothing-lost", take, 2)
    ended = []

    def restarts():
        try:
            for i in range(RESTARTS):
                tell("stop")
                tell("start")
                # Some go through on each of its lives.
                n = len(order)
                wait_until(lambda: len(order) > n + 20)
            ended.append(None)
        except Exception as error:
            ended.append(error)

    _thread.start_new_thread(restarts, ())
    sent = []
    while not ended:
        payload = b"%d %d" % (1 + len(sent) % 2, len(sent))
        while True:
            try:
                c.publish("t/nothing-lost", payload, 1 + len(sent) % 2)
                break
            except OSError as error:
                # Anything else was taken in, and is sent again by the client itself.
                if error.errno != ENOTCONN:
                    break
                wait_until(c.connected)
        sent.append(payload)
    assert ended == [None], ended
    wait_until(lambda: len(order) == len(sent))
    assert sorted(order) == sorted(sent)
    for qos in (b"1", b"2"):
        assert [p for p in order if p[:1] == qos] == [p for p in sent if p[:1] == qos]
    twice = [p for p in sent if p[:1] == b"2" and counts[p] != 1]
    assert not twice, twice
    c.disconnect()
    print(len(sent))


def subscriptions_come_back():
    """However the broker ends, and whether it knows us afterwards or not."""
    got = Record()
    recovered = []

    def failure(client):
        verdict = backing_off(client)
        if client.connected():
            recovered.append(verdict)
        return verdict

    c = mqtt.Client("back", CLEAN, cycle_timeout=20, command_timeout=10000)
    c.connect(HOST, 10, PORT, loop_failure=failure)
    for i in range(5):
        c.subscribe("t/back/%d" % i, got, i % 3)
    for i in range(RESTARTS):
        tell(HOW)
        wait_until(lambda: not c.connected())
        tell("start")
        wait_until(lambda: len(recovered) == i + 1)
        for n in range(5):
            c.publish("t/back/%d" % n, "%d" % i, 2)
        # At QoS 1 one of the last round may come again.
        wait_until(lambda: all(("t/back/%d" % n, b"%d" % i) in got.messages for n in range(5)))
        got.messages.clear()
    assert recovered == [mqtt.RECOVERED] * RESTARTS
    c.disconnect()


globals()[CASE]()
print("OK")
