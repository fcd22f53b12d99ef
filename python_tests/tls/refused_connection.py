# A connection that TLS must refuse: ERRNO, and WORDS of the text. Nothing stays open, and the client
# is good for another one.
import time

import mqtt
from on_target.secure import context_of_kind
from on_target.support import expect

context = context_of_kind(CLICERT, PKEY, HOSTNAME, OPTIONS)


def not_to_be_called(client):
    raise AssertionError("called")


client = mqtt.Client("refused", command_timeout=COMMAND_TIMEOUT)
for _ in range(ROUNDS):
    start = time.ticks_ms()
    for connect in (
        lambda: client.connect(
            HOST, 60, PORT, context, aconnect_cb=not_to_be_called, loop_failure=not_to_be_called
        ),
        client.reconnect,
    ):
        error = expect(OSError, connect)
        assert error.errno == ERRNO, error
        text = str(error)
        for words in WORDS:
            assert words in text, text
        assert not client.connected()
        assert client.get_return_code() == -1
    print(time.ticks_diff(time.ticks_ms(), start), "ms:", text)
client.disconnect()
if GOOD:
    assert client.connect(HOST, 60, GOOD, context) == 0
    client.publish("tls/refused", "no longer", 1)
    client.disconnect()
print("OK")
