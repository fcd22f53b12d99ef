# disconnect() while connect() waits for a CONNACK in another thread: connect() says so.
import errno
import mqtt
import sys
import time
from on_target.support import wait_until

try:
    import _thread
except ImportError:
    print("SKIP there are no threads")
    sys.exit()

outcome = []


def connect():
    try:
        outcome.append(client.connect(HOST, 60, PORT))
    except OSError as error:
        outcome.append(error)


client = mqtt.Client("waiting", command_timeout=60000)
_thread.start_new_thread(connect, ())
# The attempt has begun: there is a return code, though none of the broker's.
wait_until(lambda: client.get_return_code() == -1)
time.sleep_ms(200)
client.disconnect()
wait_until(lambda: outcome)
error = outcome[0]
assert isinstance(error, OSError), error
assert error.args == (errno.ECONNABORTED, "disconnect() was called"), error
print("OK")
