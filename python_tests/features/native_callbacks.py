# Methods of Client as callbacks: they call themselves without any function of Python's in between.
import mqtt
from on_target.support import expect, Record, wait_until

for callback in ("aconnect_cb", "breconnect_cb"):
    client = mqtt.Client("native", command_timeout=10000)
    if callback == "breconnect_cb":
        # It is called by reconnect() alone.
        assert client.connect(HOST, 60, PORT, start_loop=False, breconnect_cb=mqtt.Client.reconnect) == 0
        error = expect(RuntimeError, client.reconnect)
    else:
        error = expect(RuntimeError, client.connect, HOST, 60, PORT, start_loop=False, aconnect_cb=mqtt.Client.reconnect)
    assert "recursion" in str(error), error
    client.disconnect()

    # Nothing is left of it.
    got = Record()
    assert client.connect(HOST, 60, PORT) == 0
    client.subscribe("native/t", got)
    client.publish("native/t", callback)
    wait_until(lambda: got.messages == [("native/t", callback.encode())])
    client.disconnect()
print("OK")
