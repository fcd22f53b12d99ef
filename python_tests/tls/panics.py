# A panic inside of TLS ends the connection, and nothing else.
import gc

import mqtt
from on_target.support import Record, expect_errno, wait_until


def context(hostname):
    return mqtt.create_ssl_context(hostname=hostname, options=mqtt.CERT_NONE)


good = context("")
record = Record()
client = mqtt.Client("panics", command_timeout=5000)
other = mqtt.Client("other")
assert other.connect(HOST, 60, PORT, good) == 0
other.subscribe("tls/panics", record)

for number in range(20):
    error = expect_errno(71, client.connect, HOST, 60, PORT, context("open.panic.test"))
    assert "TLS" in str(error), error
    assert not client.connected()
    # The handshake is good; the first use of the connection is not.
    error = expect_errno(71, client.connect, HOST, 60, PORT, context("use.panic.test"))
    assert "TLS" in str(error), error
    assert not client.connected()
    gc.collect()
    assert client.connect(HOST, 60, PORT, good) == 0
    client.publish("tls/panics", b"%d" % number, 2)
    client.disconnect()
wait_until(lambda: len(record) == 20)
other.disconnect()
print("OK")
