# The same as board_mqtt.py with umqtt.simple, which is frozen into the firmware.
import sys

if TLS is not None:
    sys.modules["ussl"] = Ussl(context(CA), HOST)
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


def new_client():
    made = MQTTClient("bench", HOST, PORT, ssl=TLS is not None)
    made.set_callback(on_message)
    return made


def connect_and_disconnect():
    client.connect()
    client.disconnect()


client = first = new_client()
client.connect()
client.disconnect()
begin = heap()
client = new_client()
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
client.disconnect()
client.sock = None
report("heap: peak while connecting", peak_of(client.connect))
client.disconnect()
report("connect", per_connect(client.connect, client.disconnect))
report("stack: while connecting", stack_of(connect_and_disconnect, CONNECTS))
