# Bad arguments of Client() and connect().
import mqtt
from on_target.support import expect, expect_errno

BIG = 1 << 70
NUL = "a\0b"
SURROGATE = b"\xed\xa0\x80"
# Values that are a byte too long, where there is the memory for them.
LONG = ("x" * 65536,) if LARGEST > 65536 else ()
WORDS = (None, 1, 1.5, [], {}, object())


def named(parameter, kind, call, *args, **kwargs):
    """The exception is of this class, and names the parameter."""
    text = str(expect(kind, call, *args, **kwargs))
    assert parameter in text, text


for bad in WORDS:
    named("client_id", TypeError, mqtt.Client, bad)
for bad in (NUL, b"\xff", b"\xc3", SURROGATE) + LONG + tuple(bytearray(text, "ascii") for text in LONG):
    named("client_id", ValueError, mqtt.Client, bad)
named("client_id", ValueError, mqtt.Client, "", False)
named("client_id", ValueError, mqtt.Client, b"", clean_session=0)
mqtt.Client("")
mqtt.Client("", 1)
for parameter, least in (("cycle_timeout", 0), ("command_timeout", 1)):
    for bad in (None, "1", b"1", 1.0, float("nan"), [], object()):
        named(parameter, TypeError, mqtt.Client, "x", **{parameter: bad})
    for bad in (least - 1, -1, -BIG, BIG, -(1 << 31), 1 << 32, (1 << 32) + 5, 1 << 63, 1 << 64):
        named(parameter, ValueError, mqtt.Client, "x", **{parameter: bad})
    for good in (least, 1, 60000, 86400000):
        mqtt.Client("x", **{parameter: good})


# Not a matter of truth: such an argument is in the wrong place. umqtt.simple has the host there.
NO_BOOLS = (None, "127.0.0.1", b"", 1.0, [], object())
for bad in NO_BOOLS:
    named("clean_session", TypeError, mqtt.Client, "x", bad)

client = mqtt.Client("x", command_timeout=2000)


def connect(**changes):
    arguments = {"host": HOST, "keepalive": 60, "port": PORT}
    arguments.update(changes)
    return client.connect(**arguments)


for bad in WORDS:
    named("host", TypeError, connect, host=bad)
for bad in ("", b"", NUL, b"\xff"):
    named("host", ValueError, connect, host=bad)
# A port or a URL, which would be looked up as a name.
for bad in (HOST + ":1883", b"broker:1883", "mqtt://broker", "mqtt://broker:1883", "[::1]:1883", "broker/"):
    named("host", ValueError, connect, host=bad)
for bad in (None, "60", 60.0, [], object()):
    named("keepalive", TypeError, connect, keepalive=bad)
    named("port", TypeError, connect, port=bad)
for bad in (-1, 65536, 1 << 32, BIG, -BIG, (1 << 64) + 60):
    named("keepalive", ValueError, connect, keepalive=bad)
    named("port", ValueError, connect, port=bad)
named("port", ValueError, connect, port=0)
for parameter in ("breconnect_cb", "aconnect_cb", "loop_failure"):
    for bad in (1, "print", [], object(), False):
        named(parameter, TypeError, connect, **{parameter: bad})
for bad in (1, True, "tls", object(), print):
    named("ssl_ctx", TypeError, connect, ssl_ctx=bad)
for bad in NO_BOOLS:
    named("start_loop", TypeError, connect, start_loop=bad)

# No attempt was made.
assert client.get_return_code() is None
assert client.connected() is False
expect_errno(107, client.reconnect)

for bad in WORDS[1:]:
    named("username", TypeError, client.set_username_pw, bad)
for bad in WORDS:
    named("password", TypeError, client.set_username_pw, "ann", bad)
for bad in (NUL, b"\xff", SURROGATE) + LONG:
    named("username", ValueError, client.set_username_pw, bad)
for bad in LONG:
    named("password", ValueError, client.set_username_pw, "ann", bad)
    named("payload", ValueError, client.set_will, "t", bad)
for bad in WORDS[1:]:
    named("topic", TypeError, client.set_will, bad, "")
    named("payload", TypeError, client.set_will, "t", bad)
for bad in ("", NUL, b"\xff", SURROGATE, "a/+", "#", "a+", "a/#/b") + LONG:
    named("topic", ValueError, client.set_will, bad, "")
for bad in (None, "1", 1.0, []):
    named("qos", TypeError, client.set_will, "t", "", bad)
for bad in (-1, 3, 257, BIG, -BIG):
    named("qos", ValueError, client.set_will, "t", "", bad)
for bad in NO_BOOLS:
    named("retain", TypeError, client.set_will, "t", "", 0, bad)
print("OK")
