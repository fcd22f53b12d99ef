# Sends itself a message through a broker at each QoS, then shows the messages of other clients.
#
#     make run                                  (starts a private broker)
#     build/unix/micropython examples/hello.py  (with a broker on port 1883 of this machine)

import time

import mqtt

HOST = "127.0.0.1"
PORT = 1883

OWN = 3
OTHERS = 3
received: "list[str]" = []


def on_message(client: mqtt.Client, payload: bytes, topic: str) -> None:
    print("  got", payload, "on", topic)
    received.append(topic)


def wait_for(count: int, seconds: int) -> None:
    end = time.ticks_add(time.ticks_ms(), seconds * 1000)
    while len(received) < count and time.ticks_diff(end, time.ticks_ms()) > 0:
        time.sleep_ms(10)


client = mqtt.Client("hello", command_timeout=5000)
print("connecting to", HOST, PORT)
code = client.connect(HOST, 30, port=PORT)
print("connected, return code", code)

client.subscribe("demo/#", on_message, qos=2)
for qos in range(OWN):
    print("publishing at QoS", qos)
    client.publish("demo/hello/%d" % qos, "Grüße at QoS %d" % qos, qos)
    wait_for(qos + 1, 5)

print("waiting for messages of another client")
wait_for(OWN + OTHERS, 5)

client.disconnect()
print("done,", len(received), "messages received")
