# uses: support
# heap: 1m
# There is no memory for the thread of the loop, then there is.
def ask(word):
    assert sys.stdin.readline() == word + "\n"


def entries():
    import os

    return len(os.listdir("/proc/self/fd"))


failures = []
client = mqtt.Client("no-thread", command_timeout=5000)
begun = entries()
if CALL != "connect":
    assert client.connect(HOST, 60, PORT, start_loop=False) == 0
print("ready")
ask("limited")
if CALL == "connect":
    error = None
    try:
        client.connect(HOST, 60, PORT, loop_failure=failures.append)
    except (OSError, MemoryError) as raised:
        error = raised
    assert error is not None, "there was a thread"
    assert not client.connected()
    assert entries() == begun, (entries(), begun)
else:
    # The connection was there before, and stays.
    try:
        client.loop()
        raise SystemExit("there was a thread")
    except (OSError, MemoryError) as raised:
        error = raised
    assert client.connected()
print("failed")
ask("unlimited")
print(repr(error))
if CALL == "connect":
    assert client.connect(HOST, 60, PORT, loop_failure=failures.append) == 0
else:
    client.loop()
client.publish("after", "", 1)
client.disconnect()
assert not failures
print("OK")
