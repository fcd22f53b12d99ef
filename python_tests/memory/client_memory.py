# How much of MicroPython's heap a client takes, in bytes. One line for each figure.
#
#     python3 python_tests/run.py --target MPS2_AN385 python_tests/memory/client_memory.py \
#         --define HOST=10.0.2.2 --define PORT=1883

import gc
import time

import mqtt

HOST = "127.0.0.1"
PORT = 1883
COUNT = 8
SUBSCRIPTIONS = 64


def function(client, payload, topic):
    pass


def used():
    gc.collect()
    return gc.mem_alloc()


def wait_until(condition):
    while not condition():
        time.sleep_ms(5)


kept = [None] * COUNT
names = ["client%d" % number for number in range(COUNT)]
topics = ["memory/%d" % number for number in range(SUBSCRIPTIONS)]
first = mqtt.Client("first")

before = used()
for number in range(COUNT):
    kept[number] = mqtt.Client(names[number], command_timeout=5000)
print("client:", (used() - before) // COUNT)

before = used()
for client in kept:
    client.connect(HOST, 60, PORT)
print("connection, with its socket and its loop:", (used() - before) // COUNT)

before = used()
for topic in topics:
    client.subscribe(topic, function, 1)
print("subscription:", (used() - before) // SUBSCRIPTIONS)

client.publish("memory/none", b"warm up", 1)
before = used()
for qos in range(3):
    client.publish("memory/none", b"x" * 100, qos)
print("published message, afterwards:", used() - before)
before = gc.mem_alloc()
gc.disable()
payload = b"x" * 100
before = gc.mem_alloc()
for _ in range(COUNT):
    client.publish("memory/none", payload, 1)
taken = gc.mem_alloc() - before
gc.enable()
print("published message, meanwhile:", taken // COUNT)
client.disconnect()
print("OK")
