# This module on a board: time of operations, and heap. bench/board.py puts HOST, PORT and the
# helpers in front.
import mqtt

stamps = []
count = 0
inside = 0


def on_message(client, payload, topic):
    global count
    if count == 0:
        stamps.append(time.ticks_us())
    count += 1
    if count == BURST:
        stamps.append(time.ticks_us())


def on_stack(client, payload, topic):
    global inside
    inside = micropython.stack_use()


before = heap()
client = mqtt.Client("bench")
report("heap: client", heap() - before)
before, free = heap(), allocated()
client.connect(HOST, 0, PORT)
report("heap: allocated while connecting", allocated() - free)
report("heap: connection", heap() - before)

payload = b"x" * 64
report("publish QoS 0, 64 B", per_operation(lambda: client.publish("bench/topic", payload)))
for qos in range(3):
    client.publish("bench/topic", payload, qos)
    report("heap: publish QoS %d" % qos, per_call(lambda: client.publish("bench/topic", payload, qos)))

before = heap()
for number in range(8):
    client.subscribe("filter/%d" % number, on_message)
report("heap: subscription", (heap() - before) / 8)


def burst():
    global count
    count = 0
    stamps.clear()
    client.subscribe(SOURCE, on_message)
    while count < BURST:
        time.sleep_ms(1)


report("receive QoS 0, 64 B", per_message(burst))
burst()
gc.disable()
first = allocated()
count = 0
client.subscribe("source/100/64", lambda client, payload, topic: counted())
received = 0


def counted():
    global received
    received += 1


while received < 100:
    time.sleep_ms(1)
report("heap: received message of 64 B", (allocated() - first) / 100)
gc.enable()
client.subscribe("source/1/64", on_stack)
while not inside:
    time.sleep_ms(1)
report("stack: from the main program to a callback", inside - micropython.stack_use())
client.disconnect()
