# Texts of errors that name the cause. The broker answers the first connection with a record of TLS,
# the second one with HTTP, and accepts the third one.
import mqtt
from on_target.support import expect, expect_errno

client = mqtt.Client("texts", command_timeout=10000)


def text_of(kind, number, call, *args):
    error = expect(kind, call, *args)
    if number is not None:
        assert error.args[0] == number, error
    return error.args[-1]


EPROTO = 71
for protocol in ("TLS", "HTTP"):
    text = text_of(mqtt.MQTTException, EPROTO, client.connect, HOST, 60, PORT)
    assert text == "the server did not answer in MQTT: TLS or HTTP perhaps", (protocol, text)

assert client.connect(HOST, 60, PORT) == 0
error = expect_errno(106, client.connect, HOST, 60, PORT)
assert error.args[1] == "EISCONN: already connected", error

try:
    import uctypes
except ImportError:
    # Not every port can make an object of this size without the memory for it.
    uctypes = None
if uctypes:
    # The address counts for nothing: the length is looked at first.
    for size in (268435456, 268435455 - 2):
        text = text_of(ValueError, None, client.publish, "t", uctypes.bytearray_at(16, size))
        assert text == "payload is too long for a packet (256 MB)", text
text = text_of(ValueError, None, client.set_will, "t", bytes(65536))
assert text == "payload is longer than 65535 bytes", text
client.disconnect()

for least, name in ((0, "cycle_timeout"), (1, "command_timeout")):
    for value in (least - 1, 1 << 30, 10**12):
        error = expect(ValueError, mqtt.Client, "texts", **{name: value})
        assert error.args[0] == "%s must be %d to 1073741823, in ms" % (name, least), error
print("OK")
