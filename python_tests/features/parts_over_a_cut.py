# A connection that is lost in the middle of a payload: the function gets a call without bytes and size. The
# broker sends the message again, from the start. LOOP False: the program's own calls read.
import time

import mqtt
from on_target.support import need_into, wait_until

need_into()

calls = []


def on_part(client, part, topic):
    message = client.message
    calls.append((topic, message.offset, bytes(part), message.size, message.qos, message.dup))
    if not message.size and message.offset:
        causes.append(client.failure)


def on_failure(client):
    # The function has been told before.
    seen.append(len(causes))
    client.reconnect()
    return mqtt.RECOVERED


def failed():
    """Without a loop, the program's own calls find out."""
    while True:
        try:
            client.publish("reading", "", 1)
        except OSError:
            if not client.connected():
                return
        time.sleep_ms(5)


causes = []
seen = []
client = mqtt.Client("cut", clean_session=False, command_timeout=10000)
client.subscribe("image", on_part, QOS, into=bytearray(4))
assert client.connect(HOST, 30, PORT, loop_failure=on_failure, start_loop=LOOP) == 0
client.publish("begin")
if LOOP:
    wait_until(lambda: len(calls) == 6)
    assert seen == [1], seen
else:
    failed()
    assert client.reconnect() == 0
    while len(calls) < 6:
        client.publish("reading", "", 1)
again = QOS > 0
assert calls == [
    ("image", 0, b"0123", 10, QOS, False),
    ("image", 4, b"", 0, QOS, False),
    ("image", 0, b"0123", 10, QOS, again),
    ("image", 4, b"4567", 10, QOS, again),
    ("image", 8, b"89", 10, QOS, again),
    ("image", 0, b"end", 3, 0, False),
], calls
assert len(causes) == 1 and isinstance(causes[0], OSError) and causes[0].errno, causes
client.disconnect()
print("OK")
