# The tasks of the benchmark with umqtt.simple, the original or the drop-in: no threads and no QoS 2. If the environment variable
# BENCH_CA names the file of a trusted authority, it uses MicroPython's own TLS.
import os
import sys
import time

from umqtt.simple import MQTTClient

port = int(sys.argv[1])
task = sys.argv[2]
count = int(sys.argv[3])
size = int(sys.argv[4]) if len(sys.argv) > 4 else 0
got = 0


def on_message(topic, payload):
    global got
    got += 1


ca = os.getenv("BENCH_CA")
if ca is not None:
    import port_tls

    with open(ca) as file:
        sys.modules["ussl"] = port_tls.Ussl(port_tls.context(file.read()), "127.0.0.1")


def connect():
    client = MQTTClient("bench", "127.0.0.1", port, keepalive=60, ssl=ca is not None)
    client.set_callback(on_message)
    client.connect()
    return client


def spent(begin):
    print(time.ticks_diff(time.ticks_us(), begin) / 1e6)


if task == "connect":
    begin = time.ticks_us()
    for _ in range(count):
        connect().disconnect()
    spent(begin)
elif task == "publish":
    qos = int(sys.argv[5])
    client = connect()
    if qos and hasattr(client.sock, "setsockopt"):
        # As the original is, it waits 40 ms for each acknowledgement, because of Nagle's algorithm.
        client.sock.setsockopt(6, 1, 1)
    payload = b"x" * size
    begin = time.ticks_us()
    for _ in range(count):
        client.publish("bench/topic", payload, False, qos)
    # The peer answers this after it has read everything before.
    client.subscribe("sink")
    spent(begin)
    client.disconnect()
elif task == "receive":
    client = connect()
    begin = time.ticks_us()
    client.subscribe("source/%d/%d" % (count, size))
    while got < count:
        client.wait_msg()
    spent(begin)
    client.disconnect()
