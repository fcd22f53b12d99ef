# Messages of QoS 1 and 2 over a link that is cut again and again: none is missing, and with a session those of QoS 2
# come once. However often it is cut, the same client connects again: a board may have no room for a new one.
import asyncio

import mqtt_aio
import mqtt_as
from on_target.control import tell

settings = dict(mqtt_as.config, server=HOST, port=PORT, queue_len=100)


class Counted(mqtt_aio.Client):
    count = 0

    def __init__(self, *args, **named):
        super().__init__(*args, **named)
        Counted.count += 1


mqtt_aio.Client = Counted


async def run(clean, qos, names):
    sender, receiver = (
        mqtt_as.MQTTClient(dict(settings, client_id=name, clean=clean, port=port))
        for name, port in zip(names, (PORT, BROKER))
    )
    await receiver.connect()
    await receiver.subscribe("dropin/insists", qos)
    await sender.connect()
    made = Counted.count
    tasks = [asyncio.create_task(sender.publish("dropin/insists", b"%d" % n, qos=qos)) for n in range(20)]
    for n in range(20, 30):
        await asyncio.sleep_ms(10)
        tell("cut")
        tasks.append(asyncio.create_task(sender.publish("dropin/insists", b"%d" % n, qos=qos)))
    for task in tasks:
        await task
    await sender.publish("dropin/insists", "end", qos=qos)
    got = []
    async for _, msg, _ in receiver.queue:
        if msg == b"end":
            break
        got.append(msg)
    assert set(got) == {b"%d" % n for n in range(30)}, got
    assert clean or qos == 1 or len(got) == 30, got
    assert receiver.queue.discards == 0
    assert Counted.count == made
    await sender.disconnect()
    await receiver.disconnect()


async def main():
    for clean in (True, False):
        for qos in (1, 2):
            await run(clean, qos, (b"dropin-sender", b"dropin-receiver"))


asyncio.run(main())
print("OK")
