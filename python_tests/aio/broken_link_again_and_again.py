# As faults/broken_link_again_and_again.py, in an event loop: publishes numbers to itself at every QoS while the proxy
# in between breaks the link again and again. Prints its counts.
import asyncio

import mqtt
import mqtt_aio
from on_target.awaiting import until
from on_target.breaking import COMMAND, CYCLE, KEEPALIVE, NOT_TAKEN, Breaking, Numbers, proxy
from on_target.coroutines import recovered

numbers = Numbers()
counts = numbers.counts


async def receive(client, payload, topic):
    # Every third one takes a turn.
    if int(payload) % 3 == 0:
        await asyncio.sleep_ms(0)
    numbers.take(payload, topic)


async def recover(client):
    counts["failures"] += 1
    wait = 1
    while True:
        try:
            if await client.reconnect() == 0:
                counts["reconnects"] += 1
                return mqtt.RECOVERED
        except OSError:
            counts["in vain"] += 1
        # The first attempt meets the fault, the others find it mended.
        proxy("normal")
        await asyncio.sleep_ms(wait)
        wait = min(2 * wait, 200)


async def publish(client, qos, number):
    while True:
        try:
            await client.publish("soak/%d" % qos, str(number), qos)
            return
        except OSError as error:
            if qos > 0 and error.errno not in NOT_TAKEN:
                counts["kept"] += 1
                return
            if qos == 0:
                return
            await recovered(client, 60)


async def main():
    client = mqtt_aio.Client("soak", False, CYCLE, COMMAND)
    await client.connect(HOST, KEEPALIVE, PORT, loop_failure=recover)
    await client.subscribe("soak/+", receive, 2)
    breaking = Breaking(FAULT_EVERY, numbers)
    for index in range(MESSAGES):
        qos, number = numbers.next(index)
        await publish(client, qos, number)
        breaking.after(index)
        numbers.check()
    proxy("normal")
    await until(numbers.have_come, 120)
    numbers.check()
    await client.disconnect()


asyncio.run(main())
numbers.show()
print("OK")
