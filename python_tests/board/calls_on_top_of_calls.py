# Python code on top of a call that waits: CASE says which function below.
import time
from errno import ENOTCONN

import machine
import mqtt
from on_target.support import Record, expect, wait_until

QOSES = (0, 1, 2)


def client(name, **options):
    options.setdefault("command_timeout", 20000)
    c = mqtt.Client(name, **options)
    assert c.connect(HOST, 60, PORT) == 0
    return c


def bridge():
    """The function of one client publishes on another one, while the program does."""
    a, b = client("bridge-a"), client("bridge-b")
    got = Record()
    errors = []

    def pass_on(_, payload, topic):
        try:
            b.publish("to/" + topic[-1], payload, int(topic[-1]))
        except Exception as error:
            errors.append(error)

    a.subscribe("from/+", pass_on, 2)
    b.subscribe("to/+", got, 2)
    for number in range(60):
        for qos in QOSES:
            a.publish("from/%d" % qos, b"%d" % number, qos)
            b.publish("to/own", b"%d" % number, qos)
    wait_until(lambda: errors or len(got) == 360)
    assert not errors, errors
    for topic in ("to/0", "to/1", "to/2"):
        assert [payload for t, payload in got.messages if t == topic] == [b"%d" % n for n in range(60)], topic
    b.disconnect()
    a.disconnect()


def timer():
    """A timer's function publishes, while the program publishes on the same client."""
    c = client("timer")
    got = Record()
    errors = []
    ticks = []

    def tick(timer):
        if len(ticks) < 60:
            ticks.append(None)
            try:
                c.publish("tick", b"%d" % len(ticks), len(ticks) % 3)
            except Exception as error:
                errors.append(error)

    c.subscribe("#", got, 2)
    beat = machine.Timer(period=5, callback=tick)
    sent = 0
    while len(ticks) < 60:
        c.publish("main", b"%d" % sent, sent % 3)
        sent += 1
    beat.deinit()
    wait_until(lambda: errors or len(got) == 60 + sent)
    assert not errors, errors
    assert sent > 10, sent
    c.disconnect()


def timer_while_connecting():
    """Nothing can be published before there is a connection: that is said at once."""
    c = mqtt.Client("silence", command_timeout=1500)
    errors = []

    def tick(timer):
        began = time.ticks_ms()
        for qos in QOSES:
            errors.append(expect(OSError, c.publish, "t", b"x", qos).errno)
        errors.append(time.ticks_diff(time.ticks_ms(), began))

    machine.Timer(mode=machine.Timer.ONE_SHOT, period=200, callback=tick)
    expect(OSError, c.connect, HOST, 60, PORT)
    assert errors[:3] == [ENOTCONN] * 3 and errors[3] < 100, errors


def others_live():
    """While the function of one client waits in vain, another one keeps its connection."""
    failures = []
    a = mqtt.Client("lively", command_timeout=20000)
    got = Record()
    a.subscribe("lively", got)
    assert a.connect(HOST, 1, PORT, loop_failure=failures.append) == 0
    b = client("unanswered", command_timeout=4000)
    ended = []

    def wait(c, payload, topic):
        ended.append(expect(OSError, c.publish, "silence", b"", 1).errno)

    b.subscribe("go", wait)
    b.publish("go")
    wait_until(lambda: ended)
    a.publish("lively", b"still")
    wait_until(lambda: got.messages == [("lively", b"still")])
    assert not failures and a.connected()
    a.disconnect()
    b.disconnect()


globals()[CASE]()
print("OK")
