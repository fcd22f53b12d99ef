# With `into`, the function gets each payload in parts that fill the buffer, the last one but as far as it goes.
# With LOOP False the program's own calls read.
import time

import mqtt
from on_target.support import need_into, payload_of

need_into()

buffer = bytearray(SIZE)
parts = []
whole = {}


def on_part(client, part, topic):
    message = client.message
    assert message.topic is topic and message.payload is part
    assert (message.qos, message.retain, message.dup, message.properties) == (QOS, False, False, None)
    assert len(message) == 8 and message[6:] == (message.offset, message.size)
    parts.append((topic, message.offset, len(part), message.size))
    whole[topic] = whole.get(topic, b"") + bytes(part)
    if part:
        assert type(part) is memoryview
        # It is the buffer's own memory, which the program may use.
        part[0] ^= 1
        assert buffer[0] == part[0]
        buffer[0] ^= 1


client = mqtt.Client("parts", command_timeout=20000)
client.subscribe("parts/#", on_part, QOS, into=buffer)
assert client.connect(HOST, 30, PORT, start_loop=LOOP) == 0
client.publish("ready")
while len(whole) < len(LENGTHS) or sum(map(len, whole.values())) < sum(LENGTHS):
    if LOOP:
        time.sleep_ms(2)
    else:
        client.publish("reading", "", 1)
assert client.message is None
expected = []
for number, length in enumerate(LENGTHS):
    topic = "parts/%d" % number
    assert whole[topic] == (payload_of(2) * (length // 778 + 1))[:length], (topic, length)
    for offset in range(0, length, SIZE) if length else [0]:
        expected.append((topic, offset, min(SIZE, length - offset), length))
assert parts == expected, (parts, expected)
client.disconnect()
print("OK")
