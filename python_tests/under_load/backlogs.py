# heap: 64m
# COUNT messages of SIZE bytes are unacknowledged when the connection ends, and THEIRS wait for the client.
import _thread
import time

import mqtt
from on_target.support import wait_until

got = []
returned = []
connections = []
failures = []


def take(client, payload, topic):
    got.append(int(payload[:2]))


def again(client):
    began = time.ticks_ms()
    try:
        connections.append(client.reconnect())
    except OSError as error:
        connections.append(error)
    print("reconnect():", repr(connections[-1]), time.ticks_diff(time.ticks_ms(), began), "ms")


def failed(client):
    failures.append(client)
    if WHERE == "loop_failure" and len(failures) == 1:
        again(client)
        return mqtt.RECOVERED


def publish(number):
    try:
        client.publish("p/%02d" % number, bytes(SIZE), 1)
    except OSError as error:
        returned.append(error.errno)
    else:
        returned.append(0)


client = mqtt.Client("backlogs", clean_session=False, command_timeout=20000)
client.subscribe("t", take)
assert client.connect(HOST, 60, PORT, loop_failure=failed) == 0
_thread.stack_size(131072)
for number in range(COUNT):
    _thread.start_new_thread(publish, (number,))
# The connection ends when the broker has them.
wait_until(lambda: len(returned) == COUNT and failures, 60)
if WHERE == "main":
    again(client)
wait_until(lambda: connections, 60)
assert connections == [0], connections
client.loop()
wait_until(lambda: len(got) == THEIRS, 60)
assert got == list(range(THEIRS)), got
client.publish("after", "", 1)
assert client.connected()
client.disconnect()
print("OK")
