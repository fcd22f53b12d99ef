# This module on a board: instructions, heap, stack. bench/board.py puts the helpers in front.
import mqtt

ssl_ctx = None
if TLS is not None:
    ssl_ctx = context(CA) if TLS == "port" else mqtt.create_ssl_context(CA)
stamps = []
count = 0


def on_message(client, payload, topic):
    global count
    count += 1
    if count == 1 or count == BURST:
        stamps.append(time.ticks_cpu())


def connect():
    client.connect(HOST, 0, PORT, ssl_ctx)


def burst(number=BURST, source=SOURCE):
    global count
    count = 0
    client.subscribe(source, on_message)
    while count < number:
        time.sleep_ms(1)


def burst_of_100():
    burst(100, "source/100/%d" % SIZE)


def connect_and_disconnect():
    connect()
    client.disconnect()


def resting():
    time.sleep_ms(50)


# Without its topic and its function, which are the application's.
topics = ["filter/%d" % number for number in range(32)]
client = first = mqtt.Client("bench")
connect()
before = heap()
for topic in topics:
    client.subscribe(topic, on_message)
report("heap: subscription", (heap() - before) / len(topics))
client.disconnect()

# The first client has made everything that is made once.
begin = heap()
client = mqtt.Client("bench")
report("heap: client", heap() - begin)
connect()
report("heap: idle client, connected", heap() - begin)
report("receive QoS 0, 64 B", per_message(stamps, burst))
report("publish QoS 0, 64 B", per_operation(lambda: client.publish(TOPIC, PAYLOAD)))
for qos in range(3):
    client.publish(TOPIC, PAYLOAD, qos)
    report("heap: publish QoS %d" % qos, taken(lambda: client.publish(TOPIC, PAYLOAD, qos)))

# The topic of every message is the same.
burst_of_100()
idle = taken(resting, 1)
report("heap: received message of 64 B", (taken(burst_of_100, 1) - idle) / 100)
report("stack: while messages come", stack_of(burst_of_100))
client.disconnect()
client = mqtt.Client("bench")
connect()
client.disconnect()
report("heap: peak while connecting", peak_of(connect))
client.disconnect()
report("connect", per_connect(connect, client.disconnect))
report("stack: while connecting", stack_of(connect_and_disconnect, CONNECTS))
