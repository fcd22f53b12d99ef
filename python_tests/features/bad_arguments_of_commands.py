# Bad arguments of the methods of a connected client.
from array import array

import mqtt
from on_target.support import expect, has_into

BIG = 1 << 70
WORDS = (1, 1.5, [], {}, object())
NO_TEXT = ("", b"", "a\0b", b"\xff", b"\xc3", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", "x" * 65536)
NO_NAMES = ("+", "#", "a/+", "a/#", "a+", "a#b", "/+/", b"a/+")
NO_FILTERS = ("a+", "+a", "a/b+", "+a/b", "a#", "#a", "#/", "#/a", "a/#/b", "##", "++", "a/+#", b"a#")


def function(*args):
    pass


def named(parameter, kind, call, *args, **kwargs):
    """The exception is of this class, and names the parameter."""
    text = str(expect(kind, call, *args, **kwargs))
    assert parameter in text, text


client = mqtt.Client("x", command_timeout=5000)
assert client.connect(HOST, 60, PORT) == 0

for bad in (None,) + WORDS:
    named("topic", TypeError, client.publish, bad)
    named("topic", TypeError, client.subscribe, bad, function)
    named("topic", TypeError, client.unsubscribe, bad)
for bad in NO_TEXT:
    named("topic", ValueError, client.publish, bad)
    named("topic", ValueError, client.publish, bad, "payload", 2, True)
    named("topic", ValueError, client.subscribe, bad, function)
    named("topic", ValueError, client.unsubscribe, bad)
named("topic", ValueError, client.publish, bytearray(b"a\0b"))
named("topic", ValueError, client.publish, memoryview(b"ab")[2:])
for bad in NO_NAMES:
    named("topic", ValueError, client.publish, bad)
for bad in NO_FILTERS:
    named("topic", ValueError, client.subscribe, bad, function)
    named("topic", ValueError, client.unsubscribe, bad)
for bad in WORDS:
    named("payload", TypeError, client.publish, "t", bad)
# (True in the place of qos is umqtt.simple's `retain`.)
for bad in (None, "1", b"\1", 1.0, [], object(), True, False):
    named("qos", TypeError, client.publish, "t", "", bad)
    named("qos", TypeError, client.subscribe, "t", function, bad)
    named("qos", TypeError, client.set_will, "t", "", bad)
for bad in (-1, 3, 256, 257, 1 << 32, BIG, -BIG):
    named("qos", ValueError, client.publish, "t", "", bad)
    named("qos", ValueError, client.subscribe, "t", function, bad)
for bad in (None, "True", b"", 1.0, [], object()):
    named("retain", TypeError, client.publish, "t", "", 0, bad)
for bad in (None, 1, "function", b"", [], object()):
    named("function", TypeError, client.subscribe, "t", bad)
expect(TypeError, client.subscribe, "t", function, 0, bytearray(1))
if has_into():
    for bad in (1, True, "buffer", b"buffer", [], object(), array("b", [1]), memoryview(bytearray(1)), bytearray):
        named("into", TypeError, client.subscribe, "t", function, into=bad)
    named("into", ValueError, client.subscribe, "t", function, into=bytearray())
for bad in ("1", b"", 1.0, [], object()):
    named("timeout", TypeError, client.disconnect, bad)
for bad in (-1, BIG, -BIG, 1 << 32):
    named("timeout", ValueError, client.disconnect, bad)
try:
    surrogate = "\ud800"
except Exception:  # not to be had on every port
    surrogate = None
if surrogate is not None:
    named("topic", ValueError, client.publish, surrogate)
    named("topic", ValueError, client.subscribe, "a/" + surrogate, function)

# Arguments of the wrong kind are told of in any state.
offline = mqtt.Client("y")
named("topic", ValueError, offline.publish, "a/#")
named("topic", ValueError, offline.subscribe, "a#", function)
named("function", TypeError, offline.subscribe, "a", None)
named("qos", ValueError, offline.subscribe, "a", function, 3)
named("topic", ValueError, offline.unsubscribe, "")

assert client.connected()
client.publish("still/usable")
client.disconnect()
print("OK")
