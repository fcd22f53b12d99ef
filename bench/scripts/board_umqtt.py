# umqtt.simple on a board, as board_mqtt.py. UMQTT is its source.
before = heap()
umqtt = {}
exec(UMQTT, umqtt)
report("heap: import", heap() - before)
stamps = []
count = 0


def on_message(topic, payload):
    global count
    if count == 0:
        stamps.append(time.ticks_us())
    count += 1
    if count == BURST:
        stamps.append(time.ticks_us())


before = heap()
client = umqtt["MQTTClient"]("bench", HOST, PORT)
client.set_callback(on_message)
report("heap: client", heap() - before)
before, free = heap(), allocated()
client.connect()
report("heap: allocated while connecting", allocated() - free)
report("heap: connection", heap() - before)

payload = b"x" * 64
report("publish QoS 0, 64 B", per_operation(lambda: client.publish("bench/topic", payload)))
for qos in range(2):
    client.publish("bench/topic", payload, False, qos)
    report("heap: publish QoS %d" % qos, per_call(lambda: client.publish("bench/topic", payload, False, qos)))


def burst():
    global count
    count = 0
    stamps.clear()
    client.subscribe(SOURCE)
    while count < BURST:
        client.wait_msg()


# What no client can do without: the packet as it is, given to the socket.
packet = b"0\x4d\x00\x0bbench/topic" + payload
report("socket.write() of the same packet", per_operation(lambda: client.sock.write(packet)))
report("receive QoS 0, 64 B", per_message(burst))
burst()
gc.disable()
first = allocated()
count = 0
client.subscribe("source/100/64")
while count < 100:
    client.wait_msg()
report("heap: received message of 64 B", (allocated() - first) / 100)
gc.enable()
client.disconnect()
