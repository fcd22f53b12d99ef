# A program for mqtt_as, which runs on the drop-in as it is: a thermostat that takes its set point from the broker,
# reports the temperature, and says whether it is online.
#
#     thermostat/NAME/set           the temperature to reach
#     thermostat/NAME/temperature   the temperature that it has
#     thermostat/NAME/state         online or offline

import asyncio

from mqtt_as import MQTTClient, config

HOST = "192.168.1.10"  # your broker
PORT = 1883
NAME = "hall"
PERIOD = 10000  # ms between two reports

TOPIC = "thermostat/%s/" % NAME
target = 20.0
# Let your sensor and your heating take their place.
temperature = 18.0


async def control() -> None:
    """Heats or waits."""
    global temperature
    while True:
        temperature += 0.5 if temperature < target else -0.5
        await asyncio.sleep_ms(PERIOD)


async def messages(client: MQTTClient) -> None:
    global target
    async for _, msg, _ in client.queue:
        try:
            target = float(msg)
            print("target", target)
        except ValueError:
            # Any payload may arrive.
            print("not a temperature:", msg)


async def up(client: MQTTClient) -> None:
    """Renews the subscription at every connection."""
    while True:
        await client.up.wait()
        client.up.clear()
        await client.subscribe(TOPIC + "set", 1)
        await client.publish(TOPIC + "state", "online", retain=True, qos=1)
        print("online")


async def main(client: MQTTClient) -> None:
    await client.connect()
    for task in (up(client), messages(client), control()):
        asyncio.create_task(task)
    while True:
        # During an outage it waits here.
        await client.publish(TOPIC + "temperature", str(temperature), qos=1)
        await asyncio.sleep_ms(PERIOD)


config["ssid"] = "my network"  # on a board with WiFi
config["wifi_pw"] = "its password"
config["server"] = HOST
config["port"] = PORT
config["will"] = (TOPIC + "state", "offline", True, 1)
config["keepalive"] = 30
config["queue_len"] = 4
client = MQTTClient(config)
try:
    asyncio.run(main(client))
finally:
    client.close()
