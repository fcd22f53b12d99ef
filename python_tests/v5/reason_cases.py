# Reason codes: CASE says which function below.
from errno import ECONNRESET

import mqtt
from on_target.awaiting import failing
from on_target.support import expect, wait_until
from on_target.version_5 import connected, new_client


def refused(_code, _text, _call, *args, **kwargs):
    """The call raises MQTTException with this code and text; the connection stays."""
    error = expect(mqtt.MQTTException, _call, *args, **kwargs)
    assert error.args == (_code, _text), error.args


def connack():
    """connect() returns each code of CODES; the properties come with it."""
    c = new_client()
    for code in CODES:
        assert c.connect(HOST, 60, PORT) == code
        assert c.get_return_code() == code
        assert not c.connected()
        assert c.properties == {"reason_string": "for %d" % code, "server_reference": "other"}, c.properties
    # One without properties.
    assert c.reconnect() == 0x87
    assert c.properties == {}
    assert c.reconnect() == 0
    assert c.connected()
    c.disconnect()


def acknowledgements():
    c = connected()
    for qos in (1, 2):
        for code, name in CODES:
            refused(code, name, c.publish, "t", "x", qos)
            refused(code, name + ": because \u00fc", c.publish, "t", "x", qos)
            # The words of the one before are not those of this one.
            refused(code, name, c.publish, "t", "x", qos)
        # The front of a long one.
        refused(0x97, "Quota exceeded: " + "r" * 128, c.publish, "t", "x", qos)
        # "No matching subscribers" is no failure.
        c.publish("t", "x", qos)
    assert c.connected() and c.failure is None
    c.disconnect()


def deliveries():
    c = connected()
    for qos in (1, 2):
        for code, name in CODES:
            delivery = c.publish("t", "x", qos, wait=False)
            wait_until(delivery.done)
            refused(code, name, delivery.wait)
            refused(code, name, delivery.wait)
            # Each has its own words, whenever the program asks for them.
            first, second = [c.publish("t", "x", qos, wait=False) for _ in range(2)]
            wait_until(second.done)
            refused(code, name + ": no 1", first.wait)
            refused(code, name + ": no 2", second.wait)
            refused(code, name + ": no 1", first.wait)
        c.publish("t", "x", qos, wait=False).wait()
    assert c.connected()
    c.disconnect()


def deliveries_of_tasks():
    """`await` of a Delivery, of both clients."""
    import asyncio

    import mqtt_aio

    async def main():
        plain = connected()
        error = await failing(mqtt.MQTTException, plain.publish("t", "x", 1, wait=False))
        assert error.args == (0x87, "Not authorized: no 1"), error.args
        plain.disconnect()
        tasks = mqtt_aio.Client("v5", command_timeout=20000)
        tasks.set_version(5)
        assert await tasks.connect(HOST, 60, PORT) == 0
        error = await failing(mqtt.MQTTException, tasks.publish("t", "x", 1))
        assert error.args == (0x87, "Not authorized: no 2"), error.args
        delivery = await tasks.publish("t", "x", 1, wait=False)
        error = await failing(mqtt.MQTTException, delivery)
        assert error.args == (0x87, "Not authorized: no 3"), error.args
        await tasks.disconnect()

    asyncio.run(main())


def subscriptions():
    got = []
    c = connected()
    for code, name in CODES:
        refused(code, name, c.subscribe, "t", print, 1)
        refused(code, name + ": because", c.subscribe, "t", print, 1)
    # None of them was registered.
    c.subscribe("end", lambda client, payload, topic: got.append(topic), 1)
    wait_until(lambda: got)
    assert got == ["end"]
    for code, name in UNSUBSCRIBED:
        c.subscribe("t", print, 1)
        refused(code, name + ": because", c.unsubscribe, "t")
    c.subscribe("t", print, 1)
    # "No subscription existed" is no failure.
    c.unsubscribe("t")
    c.disconnect()


def goodbyes():
    """The broker's DISCONNECT is `failure`, and `loop_failure` sees it."""
    seen = []

    def lost(c):
        seen.append(c.failure)
        return mqtt.BREAK_LOOP

    for code, name in CODES:
        for text in ("", ": because"):
            del seen[:]
            c = new_client()
            assert c.connect(HOST, 60, PORT, loop_failure=lost) == 0
            wait_until(lambda: seen)
            assert type(seen[0]) is mqtt.MQTTException, seen
            assert seen[0].args == (code, name + text), seen
            assert c.failure.args == (code, name + text)
            assert not c.connected()
            expect(OSError, c.publish, "t", "x", 1)
            c.disconnect()
            assert c.failure is None
    # A normal end is the end of the connection, as without a word.
    del seen[:]
    c = new_client()
    assert c.connect(HOST, 60, PORT, loop_failure=lost) == 0
    wait_until(lambda: seen)
    assert type(seen[0]) is OSError and seen[0].errno == ECONNRESET, seen
    c.disconnect()


def goodbye_while_a_call_waits():
    seen = []
    c = new_client()
    assert c.connect(HOST, 60, PORT, loop_failure=lambda c: seen.append(c.failure)) == 0
    error = expect(mqtt.MQTTException, c.publish, "t", "x", 1)
    assert error.args == (0x8B, "Server shutting down: soon"), error.args
    wait_until(lambda: seen)
    assert seen[0].args == error.args, seen
    c.disconnect()


def goodbye_to_messages():
    """A message that the broker has not acknowledged ends with the words of its DISCONNECT."""
    c = connected()
    delivery = c.publish("t", "x", 1, wait=False)
    wait_until(delivery.done)
    refused(0x97, "Quota exceeded: for now", delivery.wait)
    assert c.failure.args == (0x97, "Quota exceeded: for now"), c.failure.args
    c.disconnect()


def failure_and_later_words():
    """`failure` never has the words of another refusal, even with the same code."""
    c = new_client()
    assert c.connect(HOST, 60, PORT, loop_failure=lambda c: c.reconnect() or mqtt.RECOVERED) == 0
    wait_until(lambda: c.failure and c.connected())
    assert c.failure.args == (0x97, "Quota exceeded: of connections"), c.failure.args
    refused(0x97, "Quota exceeded: of messages", c.publish, "t", "x", 1)
    assert c.failure.args == (0x97, "Quota exceeded"), c.failure.args
    c.disconnect()


def faults():
    """The client tells the broker what it did wrong. Without a loop no other context writes at that moment."""
    c = new_client(**PROPERTIES)
    assert c.connect(HOST, 60, PORT, start_loop=False) == 0
    c.publish("go")

    def read():
        while True:
            c.wait_msg()

    expect(OSError, read)
    assert type(c.failure) is mqtt.MQTTException, repr(c.failure)
    c.disconnect()


globals()[CASE]()
print("OK")
