import sys
import time

import mqtt
from on_target.support import stays, wait_until

try:
    import _thread
except ImportError:
    print("SKIP there are no threads")
    sys.exit()

errors = []


def in_thread(function, *args):
    def call():
        try:
            errors.append(function(*args))
        except OSError as error:
            errors.append(error)

    _thread.start_new_thread(call, ())


def ends_with_disconnect(client, *call):
    errors.clear()
    in_thread(*call)
    stays(lambda: not errors, 100)
    begin = time.ticks_ms()
    client.disconnect()
    wait_until(lambda: errors)
    took = time.ticks_diff(time.ticks_ms(), begin)
    assert took < 1000 * SLOWNESS, took
    assert isinstance(errors[0], OSError) and errors[0].errno > 0, errors


client = mqtt.Client("x", command_timeout=60000)
for start_loop in (True, False):
    for call in (
        (client.publish, "a", "", 1),
        (client.publish, "a", "", 2),
        (client.subscribe, "a", print),
        (client.unsubscribe, "a"),
    ):
        assert client.connect(HOST, 60, PORT, start_loop=start_loop) == 0
        ends_with_disconnect(client, *call)
        assert not client.connected()
# A connection that is not there yet.
silent = mqtt.Client("silence", command_timeout=60000)
for _ in range(3):
    ends_with_disconnect(silent, silent.connect, HOST, 60, PORT)
    assert silent.get_return_code() == -1 and not silent.connected()
# A connection that is replaced takes the awaited answers with it.
assert client.connect(HOST, 60, PORT) == 0
errors.clear()
in_thread(client.publish, "a", "", 1)
stays(lambda: not errors, 100)
assert client.reconnect() == 0
wait_until(lambda: errors)
assert isinstance(errors[0], OSError), errors
assert client.connected()
client.disconnect()
print("OK")
