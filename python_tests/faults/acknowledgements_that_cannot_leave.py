# A broker that sends and sends, and reads nothing any more: the acknowledgements that it asks for
# cannot leave. The loop notices within command_timeout (or the keep alive), and the main program
# runs on all the while.
import time

import mqtt

failures = []
longest = 0
record = []


def on_message(client, payload, topic):
    if not record:
        record.append(topic)


def failed(client):
    failures.append(time.ticks_ms())
    return mqtt.RECOVERED


client = mqtt.Client("full", cycle_timeout=20000, command_timeout=PATIENCE)
assert client.connect(HOST, KEEPALIVE, PORT, loop_failure=failed) == 0
client.subscribe("flood", on_message, 1)
client.publish("go")
begin = last = time.ticks_ms()
while not failures:
    time.sleep_ms(1)
    now = time.ticks_ms()
    longest = max(longest, time.ticks_diff(now, last))
    last = now
    assert time.ticks_diff(now, begin) < LIMIT, "the loop does not end"
print("ended after", time.ticks_diff(failures[0], begin), "ms; the program waited for", longest, "at most")
assert record
# Where the loop runs in the main program's own context it may have to wait for the rest of a packet.
assert longest < MOST, longest
assert not client.connected()
# The client is as good as before.
assert client.reconnect() == 0
client.publish("after", "", 1)
client.disconnect()
print("OK")
