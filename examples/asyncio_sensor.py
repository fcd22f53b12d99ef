# A sensor that is one task among others. The client connects again by itself; `sensor/NAME/state` shows other
# clients whether the sensor is online.
#
# With CA, the certificate of the broker's authority in PEM, it connects with TLS.

import asyncio

import mqtt
import mqtt_aio

HOST = "192.168.1.10"  # your broker
PORT = 1883
NAME = "sensor-1"
PERIOD = 10000  # ms between two measurements
CA = ""

STATE = "sensor/%s/state" % NAME


def measure() -> int:
    """Reads your sensor. Here: a number."""
    return 21


async def on_connect(client: mqtt_aio.Client) -> None:
    await client.publish(STATE, "online", qos=1, retain=True)
    print("online")


async def blink() -> None:
    """Another task, which the network does not disturb."""
    while True:
        await asyncio.sleep_ms(500)


async def main() -> None:
    asyncio.create_task(blink())
    context = mqtt.create_ssl_context(CA) if CA else None
    client = mqtt_aio.Client(NAME, clean_session=False, command_timeout=10000)
    client.set_will(STATE, "offline", qos=1, retain=True)
    while not client.connected():
        try:
            await client.connect(HOST, 30, PORT, context, aconnect_cb=on_connect)
        except OSError as error:
            print("no connection:", error)
            await asyncio.sleep_ms(1000)
    number = 0
    while True:
        number += 1
        try:
            await client.publish("sensor/%s/reading" % NAME, "%d %d" % (number, measure()), qos=1, wait=False)
        except OSError as error:
            # The outbox is full: the next measurement is more recent.
            print("reading", number, "was not sent:", error)
        await asyncio.sleep_ms(PERIOD)


asyncio.run(main())
