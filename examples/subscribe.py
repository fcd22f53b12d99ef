# Prints every message on the topics below `example/`. Ctrl-C ends the program.

import time

import mqtt

HOST = "192.168.1.10"  # your broker
PORT = 1883


def on_message(client: mqtt.Client, payload: bytes, topic: str) -> None:
    print(topic, payload)


client = mqtt.Client("subscriber")
client.connect(HOST, 60, PORT)
client.subscribe("example/#", on_message, qos=1)
print("subscribed")
try:
    while client.connected():
        time.sleep(1)
except KeyboardInterrupt:
    client.disconnect()
