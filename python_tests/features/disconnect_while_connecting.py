# disconnect() between the network connection and CONNECT, when connect() waits for nothing of which
# the module knows.
import errno
import sys

import mqtt
from on_target.support import wait_until

try:
    import _thread
except ImportError:
    print("SKIP there are no threads")
    sys.exit()

wrapped = []
answers = []
outcome = []


class SlowContext:
    @staticmethod
    def wrap_socket(socket, **_):
        wrapped.append(socket)
        wait_until(lambda: answers)
        return socket


def connect():
    try:
        outcome.append(client.connect(HOST, 60, PORT, SlowContext))
    except OSError as error:
        outcome.append(error)


client = mqtt.Client("connecting", command_timeout=60000)
_thread.start_new_thread(connect, ())
wait_until(lambda: wrapped)
client.disconnect()
answers.append(True)
wait_until(lambda: outcome)
assert isinstance(outcome[0], OSError), outcome
assert outcome[0].errno == errno.ECONNABORTED, outcome
assert not client.connected()
print("OK")
