# Offers the names ALPN. The server takes one of them, or refuses with WORDS.
import mqtt
from on_target.support import Record, expect, wait_until

context = mqtt.create_ssl_context(CA, alpn=ALPN)
client = mqtt.Client("alpn", command_timeout=COMMAND_TIMEOUT)
if WORDS:
    error = expect(OSError, client.connect, HOST, 60, PORT, context)
    assert error.errno == 71 and WORDS in error.args[1], error
    assert not client.connected()
else:
    record = Record()
    assert client.connect(HOST, 60, PORT, context) == 0
    client.subscribe("tls/alpn", record, 1)
    client.publish("tls/alpn", "over", 1)
    wait_until(lambda: len(record))
    client.disconnect()
print("OK")
