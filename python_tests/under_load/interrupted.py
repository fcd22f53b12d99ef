# heap: 64m
# Waits in SITUATION, in a flood, until Ctrl-C; says when it came.
import time

import mqtt

try:
    import _thread
except ImportError:
    _thread = None


def wait(client):
    if SITUATION == "publish_1":
        client.publish("trigger", "", 1)
    elif SITUATION == "publish_0_large":
        client.publish("large")
        client.publish("trigger", bytes(16 << 20))
    elif SITUATION == "subscribe":
        client.subscribe("trigger", print)
    elif SITUATION == "thread":
        # The thread waits, and reads where there is no loop; the main program computes.
        _thread.start_new_thread(in_vain, (client,))
        while True:
            pass
    while True:
        # The call's own error came too early.
        client.publish("trigger", "", 1)


def in_vain(client):
    try:
        client.publish("trigger", "", 1)
    except OSError:
        pass  # the connection ends


def take(client, payload, topic):
    pass


client = mqtt.Client("registered" if SITUATION == "connect" else "interrupted", command_timeout=30000)
client.subscribe("taken", take)
print("ready")
try:
    client.connect(HOST, 60, PORT, start_loop=LOOP)
    wait(client)
except KeyboardInterrupt:
    caught = time.ticks_ms()
# In one piece: the loop may print, too.
print("caught at %d\n" % caught, end="")
began = time.ticks_ms()
client.disconnect()
assert time.ticks_diff(time.ticks_ms(), began) < 2000
assert client.connect(HOST, 60, PORT) == 0
client.publish("after", "", 1)
client.disconnect()
print("OK")
