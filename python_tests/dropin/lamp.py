# A program with work of its own, which looks for messages with check_msg() meanwhile.
import time

from umqtt.simple import MQTTClient

state = "off"
changes = 0


def on_message(topic, msg):
    global state, changes
    changes += 1
    if msg == b"toggle":
        state = "off" if state == "on" else "on"
    else:
        state = msg.decode()
    print(topic, state)


client = MQTTClient(b"dropin-lamp", HOST, PORT)
client.set_callback(on_message)
client.connect()
client.subscribe(b"dropin/lamp")
try:
    for command in (b"on", b"toggle", b"toggle", b"dimmed"):
        client.publish(b"dropin/lamp", command)
    end = time.ticks_add(time.ticks_ms(), 20000 * SLOWNESS)
    while changes < 4:
        client.check_msg()
        assert time.ticks_diff(end, time.ticks_ms()) > 0
        time.sleep_ms(5)
    print(state, client.check_msg())
finally:
    client.disconnect()
print("OK")
