import gc

import mqtt
from on_target.resources import open_files, tasks
from on_target.support import wait_until


def calls(client):
    pass


client = mqtt.Client("again", command_timeout=5000)
client.subscribe("a", print)
assert client.connect(HOST, 60, PORT) == 0
before = open_files()
gc.collect()
for number in range(TIMES):
    assert client.reconnect() == 0
    if number % 3 == 0:
        client.disconnect()
        assert client.connect(HOST, 60, PORT) == 0
    elif number % 3 == 1:
        client.publish("close")
        wait_until(lambda: not client.connected())
        client.disconnect()
        assert client.connect(HOST, 60, PORT) == 0
    assert open_files() <= before, number
wait_until(lambda: tasks() <= 2)
client.disconnect()
assert open_files() <= before - (before > 0)
wait_until(lambda: tasks() == 1)
gc.collect()
used = gc.mem_alloc()
for _ in range(20):
    assert client.connect(HOST, 60, PORT) == 0
    client.publish("b", "x", 2)
    client.disconnect()
gc.collect()
assert gc.mem_alloc() <= used + 4096, (used, gc.mem_alloc())
print("OK")
