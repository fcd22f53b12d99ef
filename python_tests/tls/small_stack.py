# A thread whose stack is too small for a handshake gets an error, not a crash.
import _thread

import mqtt
from on_target.support import wait_until

context = mqtt.create_ssl_context(CA)
client = mqtt.Client("stack")
errors = []


def attempt():
    try:
        errors.append(client.connect(HOST, 60, PORT, context))
    except Exception as error:
        errors.append(error)


def in_thread(size):
    del errors[:]
    _thread.stack_size(size)
    _thread.start_new_thread(attempt, ())
    wait_until(lambda: errors)
    return errors[0]


error = in_thread(40 * 1024)
assert type(error) is OSError and error.errno == 12, error
assert "stack" in str(error), error
print(error)
assert not client.connected()
assert in_thread(256 * 1024) == 0
client.publish("tls/stack", "enough", 1)
client.disconnect()
attempt()
assert errors[-1] == 0, errors
client.disconnect()
print("OK")
