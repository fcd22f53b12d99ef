import time

import mqtt
from on_target.support import Record, expect_errno, stays, wait_until

record = Record()
calls = []


def connect(failure):
    client = mqtt.Client("x", cycle_timeout=50, command_timeout=10000)
    client.subscribe("a", record)
    assert client.connect(HOST, 60, PORT, loop_failure=failure) == 0
    calls.clear()
    record.messages.clear()
    return client


def lose(client):
    """The broker closes the connection."""
    client.publish("close")
    wait_until(lambda: not client.connected() or calls)


def echoes(client):
    """Whether a loop runs."""
    record.messages.clear()
    client.publish("a", "echo")
    end = time.ticks_add(time.ticks_ms(), 10000)
    while not record and time.ticks_diff(end, time.ticks_ms()) > 0 and client.connected():
        time.sleep_ms(2)
    return bool(record)


# The default: the loop ends, and the console says so.
client = connect(None)
lose(client)
expect_errno(107, client.publish, "a")
time.sleep_ms(100)
expect_errno(107, client.loop)
assert client.reconnect() == 0
client.loop()
assert echoes(client)
client.disconnect()


# It is told what failed, with the connection closed; BREAK_LOOP, or anything but RECOVERED, ends the loop.
def ends_with(verdict):
    def failure(client):
        calls.append((client is the_client, client.connected()))
        if verdict is ZeroDivisionError:
            1 / 0
        return verdict

    the_client = connect(failure)
    lose(the_client)
    wait_until(lambda: calls)
    stays(lambda: calls == [(True, False)], 150)
    expect_errno(107, the_client.loop)
    # The client is as good as new.
    assert the_client.connect(HOST, 60, PORT) == 0
    assert echoes(the_client)
    the_client.disconnect()


for verdict in (mqtt.BREAK_LOOP, None, False, "RECOVERED", 2, 1.5, ZeroDivisionError):
    ends_with(verdict)


# RECOVERED keeps it alive.
def recover(client):
    calls.append(client.connected())
    assert client.reconnect() == 0
    return mqtt.RECOVERED


client = connect(recover)
for count in (1, 2, 3):
    lose(client)
    wait_until(lambda: len(calls) == count and client.connected())
    assert echoes(client)
assert calls == [False] * 3
client.disconnect()
assert calls == [False] * 3


# Without a connection it is called again.
def recover_later(client):
    calls.append(client.connected())
    if len(calls) == 3:
        client.reconnect()
    return mqtt.RECOVERED


client = connect(recover_later)
lose(client)
wait_until(lambda: len(calls) == 3 and client.connected())
assert echoes(client)
client.disconnect()


# Somebody else may connect again meanwhile.
def claim(client):
    calls.append(client.connected())
    return mqtt.RECOVERED


client = connect(claim)
lose(client)
wait_until(lambda: calls)
assert client.reconnect() == 0
count = len(calls)
assert echoes(client)
stays(lambda: len(calls) <= count + 1, 150)
client.disconnect()


# disconnect() ends a loop that is in loop_failure, whatever that returns.
def slow(client):
    calls.append("begin")
    time.sleep_ms(300)
    calls.append("end")
    return mqtt.RECOVERED


client = connect(slow)
lose(client)
wait_until(lambda: calls)
client.disconnect()
assert calls == ["begin", "end"]
stays(lambda: calls == ["begin", "end"], 150)


# So does one from within.
def give_up(client):
    calls.append("called")
    client.disconnect()
    return mqtt.RECOVERED


client = connect(give_up)
lose(client)
wait_until(lambda: calls)
stays(lambda: calls == ["called"], 150)
client.disconnect()
print("OK")
