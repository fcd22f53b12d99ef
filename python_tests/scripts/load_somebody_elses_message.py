# uses: support
# heap: 300K
# Three messages are published, WHERE it says, and before each answer comes a message for which there is no memory.
errors = []
begun = []
ended = []
failures = []


def publish(client):
    for number in range(3):
        try:
            client.publish("out", b"%d" % number, 1)
        except Exception as error:
            errors.append(error)
    ended.append(None)


def take(client, payload, topic):
    if WHERE == "function":
        publish(client)
    elif WHERE == "main":
        # The loop is busy: the main program reads.
        begun.append(None)
        wait_until(lambda: ended)


if WHERE in ("main", "thread"):
    try:
        import _thread
    except ImportError:
        print("SKIP it takes threads")
        sys.exit()
client = mqtt.Client("somebody-elses", command_timeout=10000)
assert client.connect(HOST, 60, PORT, loop_failure=failures.append, start_loop=WHERE != "no loop") == 0
client.subscribe("m", take)
if WHERE in ("main", "function"):
    client.publish("go")
if WHERE == "main":
    wait_until(lambda: begun)
if WHERE in ("main", "no loop"):
    publish(client)
elif WHERE == "thread":
    _thread.start_new_thread(publish, (client,))
wait_until(lambda: ended, 40)
assert not errors, errors
assert not failures and client.connected()
client.disconnect()
print("OK")
