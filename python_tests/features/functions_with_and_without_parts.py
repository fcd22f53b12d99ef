# Functions with buffers, and without, whose filters match the same messages: each gets all of them, in order.
# With GATHERED, the messages come while a function waits for the broker, so that they wait in the inbox.
import mqtt
from on_target.support import need_into, wait_until

need_into()

PAYLOAD = b"0123456789"
calls = []
small, large = bytearray(3), bytearray(8)


def in_parts(name):
    def on_part(client, part, topic):
        message = client.message
        assert message.payload is part and message.topic is topic
        calls.append((name, message.offset, bytes(part), message.size))

    return on_part


def whole(client, payload, topic):
    message = client.message
    assert message.payload is payload and type(payload) is bytes and len(message) == 6
    calls.append(("whole", payload))


def split(name, size):
    """The calls of a function that gets so many bytes at once."""
    return [(name, offset, PAYLOAD[offset : offset + size], len(PAYLOAD)) for offset in range(0, len(PAYLOAD), size)]


def go(client, payload, topic):
    client.publish(payload, PAYLOAD)
    client.publish("wait", "", 1)
    # It waits until this function has returned.
    assert not calls


def message(topic):
    calls.clear()
    ended.clear()
    if GATHERED:
        client.publish("go", topic)
    else:
        client.publish(topic, PAYLOAD)
    client.publish("end/" + topic)
    wait_until(lambda: ended)
    return calls


ended = []
client = mqtt.Client("functions", command_timeout=20000)
assert client.connect(HOST, 30, PORT) == 0
client.subscribe("go", go)
client.subscribe("end/#", lambda client, payload, topic: ended.append(topic))
client.subscribe("two", in_parts("small"), into=small)
client.subscribe("two/#", in_parts("large"), into=large)
client.subscribe("mixed", in_parts("small"), into=small)
client.subscribe("mixed/#", whole)
client.subscribe("mixed/+/#", in_parts("other"), into=small)
client.subscribe("same", in_parts("first"), into=large)
client.subscribe("same/#", in_parts("second"), into=large)

if GATHERED:
    assert message("two") == split("small", 3) + split("large", 8), calls
    assert message("same") == split("first", 8) + split("second", 8), calls
else:
    # As much at once as fits into the buffer of the last of them.
    expected = [
        ("small", 0, b"012", 10),
        ("small", 3, b"345", 10),
        ("small", 6, b"67", 10),
        ("large", 0, b"01234567", 10),
        ("small", 8, b"89", 10),
        ("large", 8, b"89", 10),
    ]
    assert message("two") == expected, calls
    first, second = split("first", 8), split("second", 8)
    assert message("same") == [first[0], second[0], first[1], second[1]], calls
assert message("mixed") == split("small", 3) + [("whole", PAYLOAD)], calls
# Another function for the same filter.
client.subscribe("mixed/#", in_parts("large"), into=large)
client.unsubscribe("mixed")
assert message("mixed") == split("large", 8), calls
client.subscribe("mixed/#", whole)
assert message("mixed") == [("whole", PAYLOAD)], calls
client.disconnect()
print("OK")
