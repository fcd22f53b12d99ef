# The tasks of the benchmark with this module. It takes the arguments of bench/libmosquitto.c, and knows the task
# `receive_into` besides: `receive` with one buffer for all payloads. If the environment variable BENCH_CA names
# the file of a trusted authority, it uses TLS: MicroPython's own with BENCH_TLS=port, and otherwise the module's.
import os
import sys
import time

import mqtt

port = int(sys.argv[1])
task = sys.argv[2]
count = int(sys.argv[3])
size = int(sys.argv[4]) if len(sys.argv) > 4 else 0
got = 0


def on_message(client, payload, topic):
    global got
    got += 1


def ssl_context():
    ca = os.getenv("BENCH_CA")
    if ca is None:
        return None
    with open(ca) as file:
        ca = file.read()
    if os.getenv("BENCH_TLS") == "port":
        import port_tls

        return port_tls.context(ca)
    return mqtt.create_ssl_context(ca)


context = ssl_context()


def connect():
    client = mqtt.Client("bench")
    assert client.connect("127.0.0.1", 60, port, context) == 0
    return client


def spent(begin):
    print(time.ticks_diff(time.ticks_us(), begin) / 1e6)


def publish(client, qos, number):
    payload = b"x" * size
    for _ in range(number):
        client.publish("bench/topic", payload, qos)


if task == "connect":
    begin = time.ticks_us()
    for _ in range(count):
        connect().disconnect()
    spent(begin)
elif task == "publish":
    qos, threads = int(sys.argv[5]), int(sys.argv[6])
    client = connect()
    ended = []

    def worker():
        publish(client, qos, count // threads)
        ended.append(True)

    begin = time.ticks_us()
    if threads > 1:
        import _thread

        for _ in range(threads):
            _thread.start_new_thread(worker, ())
        while len(ended) < threads:
            time.sleep_ms(1)
    else:
        publish(client, qos, count)
    client.unsubscribe("bench/topic")
    spent(begin)
    client.disconnect()
elif task in ("receive", "receive_into"):
    client = connect()
    # One buffer for all payloads.
    into = {"into": bytearray(size)} if task == "receive_into" else {}
    begin = time.ticks_us()
    client.subscribe("source/%d/%d" % (count, size), on_message, **into)
    while got < count:
        time.sleep_ms(1)
    spent(begin)
    client.disconnect()
