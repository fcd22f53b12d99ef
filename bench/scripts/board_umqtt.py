# umqtt.simple on a board, frozen into the firmware, and the network without a client: as board_mqtt.py.
import socket

before = heap()
from umqtt.simple import MQTTClient

report("heap: import", heap() - before)
stamps = []
count = 0


def on_message(topic, payload):
    global count
    count += 1
    if count == 1 or count == BURST:
        stamps.append(time.ticks_cpu())


def burst(number=BURST, source=SOURCE):
    global count
    count = 0
    client.subscribe(source)
    time.sleep_ms(QUIET)
    while count < number:
        client.wait_msg()


def burst_of_100():
    burst(100, "source/100/%d" % SIZE)


client = first = MQTTClient("bench", HOST, PORT)
client.connect()
client.disconnect()
begin = heap()
client = MQTTClient("bench", HOST, PORT)
client.set_callback(on_message)
report("heap: client", heap() - begin)
client.connect()
report("heap: idle client, connected", heap() - begin)
report("receive QoS 0, 64 B", per_message(stamps, burst))
report("publish QoS 0, 64 B", per_operation(lambda: client.publish(TOPIC, PAYLOAD)))
for qos in range(2):
    client.publish(TOPIC, PAYLOAD, False, qos)
    report("heap: publish QoS %d" % qos, taken(lambda: client.publish(TOPIC, PAYLOAD, False, qos)))

burst_of_100()
report("heap: received message of 64 B", taken(burst_of_100, 1) / 100)
report("stack: while messages come", stack_of(burst_of_100))

# ---- What no client can do without: the same bytes, given to the socket, and taken from it.
sock = client.sock
packet = b"0\x4d\x00\x0bbench/topic" + PAYLOAD
report("floor: publish QoS 0, 64 B", per_operation(lambda: sock.write(packet)))
message = bytearray(2 + 2 + len(SOURCE) + SIZE)


def raw_burst():
    client.subscribe(SOURCE)
    time.sleep_ms(QUIET)
    for number in range(BURST):
        sock.readinto(message)
        if number == 0 or number == BURST - 1:
            stamps.append(time.ticks_cpu())


report("floor: receive QoS 0, 64 B", per_message(stamps, raw_burst))
client.disconnect()
client.sock = None
report("heap: peak while connecting", peak_of(client.connect))
client.disconnect()
report("connect", per_connect(client.connect, client.disconnect))

greeting = b"\x10\x11\x00\x04MQTT\x04\x02\x00\x00\x00\x05bench"
answer = bytearray(4)


def raw_connect():
    global sock
    sock = socket.socket()
    sock.connect(socket.getaddrinfo(HOST, PORT)[0][-1])
    sock.write(greeting)
    sock.readinto(answer)


report("floor: connect", per_connect(raw_connect, lambda: sock.close()))
