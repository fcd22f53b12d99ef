# Gets something malformed from the broker again and again, and lives on. PLAN has a letter for
# each connection: "f" when it comes in place of the CONNACK, "u" when it comes later.
import mqtt
from on_target.support import Record, wait_until

failures = []


def failed(client):
    failures.append(client.connected())


c = mqtt.Client("malformed", command_timeout=10000)
expected = 0
for when in PLAN:
    if when == "f":
        try:
            code = c.connect(HOST, 0, PORT, loop_failure=failed)
            raise AssertionError("connect() returned %r" % code)
        except OSError:
            pass
        assert c.get_return_code() == -1
    else:
        assert c.connect(HOST, 0, PORT, loop_failure=failed) == 0
        expected += 1
        wait_until(lambda: len(failures) == expected)
    assert not c.connected()
    assert len(failures) == expected

# Nothing of it has stuck.
got = Record()
assert c.connect(HOST, 0, PORT) == 0
c.subscribe("good", got, 1)
wait_until(lambda: got.messages == [("good", b"payload")])
c.publish("better", b"payload", 2)
c.disconnect()
assert failures == [False] * expected, failures
print("OK")
