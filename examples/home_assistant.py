# A device with a switch and a sensor, which Home Assistant finds through MQTT discovery.
#
# Home Assistant needs its MQTT integration, with discovery on (the default). It then shows the device and
# whether the device is available, and finds it again after a restart of either side.

import gc
import json
import time

import mqtt

HOST = "192.168.1.10"  # your broker
PORT = 1883
NAME = "micropython-1"
PERIOD = 30000  # ms between two readings of the sensor
DISCOVERY = "homeassistant"  # the prefix of the topics that Home Assistant subscribes to

AVAILABILITY = "%s/availability" % NAME
SWITCH = "%s/relay" % NAME
SENSOR = "%s/memory" % NAME

DEVICE = {"identifiers": [NAME], "name": "MicroPython board", "manufacturer": "me"}
relay = "OFF"


def announce(client: mqtt.Client) -> None:
    """Describes the device to Home Assistant, in retained messages: it may start later."""
    for component, key, config in (
        ("switch", "relay", {"state_topic": SWITCH, "command_topic": SWITCH + "/set"}),
        ("sensor", "memory", {"state_topic": SENSOR, "unit_of_measurement": "B", "state_class": "measurement"}),
    ):
        config["name"] = key
        config["unique_id"] = "%s-%s" % (NAME, key)
        config["availability_topic"] = AVAILABILITY
        text = json.dumps(dict(config, device=DEVICE))
        client.publish("%s/%s/%s/%s/config" % (DISCOVERY, component, NAME, key), text, qos=1, retain=True)


def on_switch(client: mqtt.Client, payload: bytes, topic: str) -> None:
    global relay
    if payload in (b"ON", b"OFF"):
        relay = payload.decode()  # set your pin here: machine.Pin(...).value(relay == "ON")
        client.publish(SWITCH, relay, qos=1, retain=True)


def on_birth(client: mqtt.Client, payload: bytes, topic: str) -> None:
    """Home Assistant has started."""
    if payload == b"online":
        announce(client)


def on_connect(client: mqtt.Client) -> None:
    announce(client)
    client.publish(SWITCH, relay, qos=1, retain=True)
    client.publish(AVAILABILITY, "online", qos=1, retain=True)
    print("announced")


client = mqtt.Client(NAME, command_timeout=10000)
client.set_will(AVAILABILITY, "offline", qos=1, retain=True)
# Before the connection is there: subscribed to at each connection.
client.subscribe(SWITCH + "/set", on_switch, qos=1)
client.subscribe(DISCOVERY + "/status", on_birth, qos=1)
client.connect(HOST, 30, PORT, aconnect_cb=on_connect, loop_failure=mqtt.auto_reconnect())
while True:
    try:
        gc.collect()
        client.publish(SENSOR, str(gc.mem_free()))
    except OSError as error:
        print("not sent:", error)
    time.sleep_ms(PERIOD)
