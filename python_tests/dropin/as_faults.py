# Errors as programs see them. REFUSED is the port of a broker that refuses the client, NOBODY that of none.
import asyncio
import errno

import mqtt_as
from on_target.awaiting import failing
from on_target.support import expect

settings = dict(mqtt_as.config, server=HOST, port=PORT, client_id=b"dropin-faults", queue_len=4)


def make(**changes):
    return mqtt_as.MQTTClient(dict(settings, **changes))


async def errno_of(number, awaitable):
    error = await failing(OSError, awaitable)
    assert error.errno == number, error


async def main():
    for changes in ({"mqttv5_con_props": {0x11: 3600}}, {"server": None}, {"gateway": True}):
        expect(ValueError, make, **changes)
    error = await failing(OSError, make(port=REFUSED, user="ann", password="wrong").connect())
    assert error.args == (0x2002, 5), error
    await errno_of(errno.ECONNREFUSED, make(port=NOBODY).connect())
    client = make()
    await errno_of(errno.ENOTCONN, client.publish("dropin/faults", "x"))
    await errno_of(errno.ENOTCONN, client.subscribe("dropin/faults"))
    assert not client.isconnected() and not await client.broker_up()
    await client.connect()
    await errno_of(errno.EALREADY, client.connect())
    # Malformed arguments, of which the broker hears nothing.
    await failing(ValueError, client.publish("dropin/+", "x"))
    await failing(ValueError, client.publish("dropin/faults", "x", qos=3))
    await failing(TypeError, client.publish("dropin/faults", 7))
    await failing(ValueError, client.subscribe("dropin/#/a"))
    for call in (client.publish("dropin/faults", "x", properties={2: 60}), client.subscribe("t", properties={11: 1})):
        await failing(ValueError, call)
    await failing(ValueError, client.unsubscribe("t", properties={0x26: {"a": "b"}}))
    # QoS 2, and characters that are not ASCII.
    await client.subscribe("dropin/ünïcode", 2)
    await client.publish("dropin/ünïcode", "ünïcode", qos=2)
    async for topic, msg, retained in client.queue:
        assert (topic.decode(), msg.decode(), retained) == ("dropin/ünïcode", "ünïcode", False)
        break
    await client.disconnect()
    await errno_of(errno.ENOTCONN, client.publish("dropin/faults", "x", qos=1))
    # The same client again.
    await client.connect()
    await client.publish("dropin/faults", "x", qos=1)
    await client.disconnect()
    await client.disconnect()


asyncio.run(main())
print("OK")
