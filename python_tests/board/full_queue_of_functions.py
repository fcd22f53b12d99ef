# MicroPython's queue of scheduled functions is full at every moment: nothing that the client needs
# passes through it.
import time

import mqtt
from on_target.support import Record, stays, wait_until

import micropython

runs = 0
lost = 0
filling = True


def again(argument):
    """Takes the place in the queue that it has just left."""
    global runs
    runs += 1
    fill()


def fill():
    global lost
    while filling:
        try:
            micropython.schedule(again, None)
        except RuntimeError:
            lost += 1
            return


def recover(client):
    failures.append(time.ticks_ms())
    client.reconnect()
    return mqtt.RECOVERED


def echoes(qos):
    """How long it takes until a message has come back, in ms."""
    record.messages.clear()
    begin = time.ticks_ms()
    client.publish("echo", b"%d" % qos, qos)
    wait_until(lambda: record)
    assert record.messages == [("echo", b"%d" % qos)], record.messages
    return time.ticks_diff(time.ticks_ms(), begin)


failures = []
record = Record()
fill()
client = mqtt.Client("queue", False, 20000, 20000)
assert client.connect(HOST, 1, PORT, loop_failure=recover) == 0
client.subscribe("echo", record, 2)
took = [echoes(number % 3) for number in range(15)]
# Pings go out and are answered.
stays(client.connected, 3000)
assert not failures
# The end of the connection shows soon.
client.publish("close")
wait_until(lambda: failures and client.connected())
took += [echoes(number % 3) for number in range(15)]
assert max(took) < 1000 * SLOWNESS, took
filling = False
client.disconnect()
print("ms for a round trip:", min(took), "to", max(took), "and", runs, "scheduled functions")
assert runs > 1000 and lost >= runs, (runs, lost)
print("OK")
