# heap: 128m
# A bytearray is published, and the broker takes it only when another thread has changed its size and filled the
# memory with other things.
import _thread
import gc

import mqtt
from on_target.control import tell
from on_target.support import wait_until

ended = []
kept = []


def change():
    try:
        tell("blocked")
        if CHANGE == "grows":
            buffer.extend(b"B" * SIZE)
        elif CHANGE == "shrinks":
            buffer[:] = b"B"
        else:
            # Nobody has it any more, but the call.
            forget()
        gc.collect()
        # Where it was, if it is not there any more.
        kept.append([b"SECRET-%06d" % number * 64 for number in range(20000)])
        tell("go_on")
        ended.append(None)
    except Exception as error:
        ended.append(error)


def forget():
    global buffer
    buffer = None


def publish():
    # No reference but the argument's.
    client.publish("t", memoryview(buffer) if VIEW else buffer, QOS)


buffer = bytearray(b"A" * SIZE)
client = mqtt.Client("changed-buffer", command_timeout=30000)
assert client.connect(HOST, 0, PORT) == 0
_thread.start_new_thread(change, ())
try:
    publish()
except OSError as error:
    print("publish():", repr(error))
    raise
wait_until(lambda: ended)
assert ended == [None], ended
client.disconnect()
print("OK")
