# The program changes the size of a buffer in the middle of a payload: it gets parts of that size, or is told that
# the rest is lost. The messages after that are whole.
import mqtt
from on_target.support import need_into, wait_until

need_into()

PAYLOAD = bytes(range(48, 48 + 40))
calls = []
todo = {}
buffer = bytearray(4)
other = bytearray(4)


def function(name):
    def on_part(client, part, topic):
        message = client.message
        calls.append((name, message.offset, bytes(part), message.size))
        if todo.get("at") == (name, message.offset):
            todo.pop("at")
            todo.pop("do")()

    return on_part


def message(at, do):
    todo.update(at=at, do=do)
    calls.clear()
    client.publish("echo", PAYLOAD)
    client.publish("end")
    wait_until(lambda: ("end", 0, b"", 0) in calls)
    assert not todo, todo
    return [call for call in calls if call[0] != "end"]


def whole(name, sizes):
    offset, parts = 0, []
    for size in sizes:
        parts.append((name, offset, PAYLOAD[offset : offset + size], len(PAYLOAD)))
        offset += size
    assert offset == len(PAYLOAD)
    return parts


def resize(which, size):
    """Without a slice, which some ports do not know how to delete."""
    which[:] = bytes(size)


client = mqtt.Client("resized", command_timeout=20000)
assert client.connect(HOST, 30, PORT) == 0
client.subscribe("end", function("end"), into=bytearray(1))
client.subscribe("echo", function("only"), into=buffer)
# Between two parts: from the next one on.
for size, sizes in ((8, [4] * 2 + [8] * 4), (3, [8, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 2]), (1000, [3, 37]), (4, [40])):
    at = ("only", 4) if size == 8 else ("only", 0)
    got = message(at, lambda: resize(buffer, size))
    assert got == whole("only", sizes), got

# Emptied: there is no place for the next part.
got = message(("only", 4), lambda: resize(buffer, 0))
assert got == whole("only", [4] * 10)[:2] + [("only", 8, b"", 0)], got
resize(buffer, 4)
got = message(("only", 36), lambda: None)
assert got == whole("only", [4] * 10), got

# Of two functions, whose buffers the first one changes. The second one's is where the payload comes.
client.subscribe("echo/#", function("second"), into=other)
got = message(("only", 4), lambda: resize(other, 2))
first, second = whole("only", [4] * 10), whole("second", [4] * 10)
assert got[:4] == [first[0], second[0], first[1], ("second", 4, b"", 0)], got
# The first one goes on, in pieces of the size that the other buffer has.
assert got[4:] == whole("only", [4, 4] + [2] * 16)[2:], got
resize(other, 4)
got = message(("only", 4), lambda: resize(buffer, 0))
assert got == [first[0], second[0], first[1], second[1], ("only", 8, b"", 0)] + second[2:], got
client.disconnect()
print("OK")
