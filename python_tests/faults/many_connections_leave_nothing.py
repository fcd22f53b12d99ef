# ROUNDS connections: no socket, no thread, no memory is left behind.
import gc

import mqtt
from on_target.resources import open_files, tasks


def resources():
    gc.collect()
    return open_files(), tasks(), gc.mem_alloc()


kept = mqtt.Client("rounds", cycle_timeout=20, command_timeout=10000)
kept.subscribe("t/rounds", print)
before = None
for number in range(ROUNDS):
    if number % 100 == 50:
        # After some rounds: objects that are made once are there.
        present = resources()
        if before is None:
            before = present
        assert present[0] <= before[0], (present, before)
        # A thread that has ended may not be gone yet.
        assert present[1] <= before[1] + 2, (present, before)
        assert present[2] <= before[2] + 4096, (present, before)
    c = kept if number % 2 else mqtt.Client("rounds", cycle_timeout=20, command_timeout=10000)
    assert c.connect(HOST, 60, PORT) == 0
    if number % 3 == 0:
        c.publish("t/rounds/out", b"", number // 3 % 3)
    c.disconnect()
    c = None
print(before, resources())
print("OK")
