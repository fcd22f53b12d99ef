# MQTT 5 in the manner of mqtt_as: properties by number in both directions, with a queue and with a callback.
import asyncio

import mqtt_as
from on_target.awaiting import failing, until
from on_target.control import tell
from on_target.support import expect, need_version_5

need_version_5()
PROPERTIES = {0x26: {"unit": "°C"}, 0x09: b"\x00\x01", 0x08: "dropin/five/answer", 0x02: 60, 0x01: 1, 0x03: "text/plain"}
settings = dict(mqtt_as.config, server=HOST, port=PORT, mqttv5=True)
called = []


def make(**changes):
    return mqtt_as.MQTTClient(dict(settings, **changes))


async def ready(client):
    await client.subscribe("dropin/five/+", 1, properties={0x0B: 7})


async def wrong_properties(client):
    for changes in ({"mqttv5_con_props": {0x7F: 1}}, {"mqttv5_con_props": {0x12: "x"}}):
        expect(ValueError, make, **changes)
    # The module checks the values.
    await failing(ValueError, make(mqttv5_con_props={0x27: 0}).connect())
    await failing(TypeError, make(mqttv5_con_props={0x11: "x"}).connect())
    for properties in ({0x7F: 1}, {0x23: 1}, {0x01: 2}, {0x11: 60}, {0x26: {"a": "\x00"}}):
        await failing(ValueError, client.publish("dropin/five/a", "x", qos=1, properties=properties))
    await failing(TypeError, client.publish("dropin/five/a", "x", properties={0x02: "x"}))
    await failing(ValueError, client.subscribe("t", properties={0x0B: 0}))
    await failing(ValueError, client.unsubscribe("t", properties={0x0B: 1}))


async def main():
    queue = make(client_id=b"dropin-five-queue", queue_len=8, mqttv5_con_props={0x11: 3600, 0x21: 5})
    calls = make(
        client_id=b"dropin-five-calls",
        subs_cb=lambda topic, msg, retained, properties: called.append((topic, msg, retained, properties)),
        connect_coro=ready,
        will=("dropin/will/five", "gone", False, 0),
    )
    assert queue.topic_alias_maximum == 0
    await queue.connect()
    assert queue.topic_alias_maximum == 10, queue.topic_alias_maximum
    await queue.subscribe("dropin/five/+", 1)
    await calls.connect()
    await wrong_properties(queue)
    # The subscription of `calls` is there when it gets its own message.
    while not called:
        await calls.publish("dropin/five/calls", "here", qos=1)
        await asyncio.sleep_ms(5)
    assert called[0] == (b"dropin/five/calls", b"here", False, {0x0B: 7}), called
    await queue.publish("dropin/five/plain", "1")
    await queue.publish("dropin/five/rich", "2", qos=1, properties=PROPERTIES)
    await queue.publish("dropin/five/more", "3", qos=2, properties={0x26: [("a", "b"), ("c", "d")]})
    got = []
    async for message in queue.queue:
        if message[0] != b"dropin/five/calls":
            got.append(message)
        if len(got) == 3:
            break
    # The broker counts the seconds.
    assert 0 < got[1][3][0x02] <= 60, got
    got[1][3][0x02] = 60
    assert got == [
        (b"dropin/five/plain", b"1", False, None),
        (b"dropin/five/rich", b"2", False, PROPERTIES),
        (b"dropin/five/more", b"3", False, {0x26: {"a": "b", "c": "d"}}),
    ], got
    await until(lambda: called[-1][0] == b"dropin/five/more")
    assert called[-1][3] == {0x0B: 7, 0x26: {"a": "b", "c": "d"}}, called
    await queue.unsubscribe("dropin/five/+", properties={0x26: {"a": "b"}})
    # The next connection speaks MQTT 5, too.
    del called[:]
    tell("restart")
    while not called:
        await queue.publish("dropin/five/again", "4", qos=1, properties={0x03: "x"})
        await asyncio.sleep_ms(5)
    assert called[0] == (b"dropin/five/again", b"4", False, {0x0B: 7, 0x03: "x"}), called
    await queue.disconnect()
    await calls.disconnect()


asyncio.run(main())
print("OK")
