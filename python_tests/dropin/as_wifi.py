# The WiFi of a board, which the module `network` of the test imitates: see test_mqtt_as.py.
import asyncio

import network
from mqtt_as import MQTTClient, config, wifi
from on_target.awaiting import failing, until

station = network.WLAN(network.STA_IF)
states = []


async def changed(state):
    states.append(state)


def make():
    return MQTTClient(dict(config, wifi_coro=changed))


async def main():
    wifi._TRIAL = 200
    # A network that does not let the board in; and one that does not stay.
    station.lets_in = False
    wifi._PATIENCE = 200
    client = make()
    await failing(OSError, client.connect())
    wifi._PATIENCE = 20000
    station.lets_in, station.stays = True, False
    await failing(OSError, client.connect())
    station.stays = True
    # Without the trial.
    await client.connect(quick=True)
    assert station.calls == [("up", "lab", "secret")] * 3, station.calls
    await until(lambda: states == [True])
    assert client.isconnected()
    waits = []
    for n in (1, 2):
        station.up = False
        assert not client.isconnected()
        waits.append(asyncio.create_task(client.publish("dropin/wifi", "x", qos=1)))
        await until(lambda: len(states) >= 2 * n)
        await asyncio.gather(*waits)
        await until(client.isconnected)
        await until(lambda: len(states) == 1 + 2 * n)
    # One that the program has brought up stays as it is.
    assert len(station.calls) == 5
    await client.disconnect()
    await client.connect()
    assert len(station.calls) == 5
    await client.disconnect()
    client.close()
    assert station.calls[-1] == ("down",), station.calls
    # Credentials that the board remembers.
    config["ssid"] = None
    client = make()
    await client.connect(quick=True)
    assert station.calls[-1] == ("up",), station.calls
    await client.disconnect()


config["server"] = HOST
config["port"] = PORT
config["ssid"] = "lab"
config["wifi_pw"] = "secret"
asyncio.run(main())
print("OK")
