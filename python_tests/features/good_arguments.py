# Arguments that must be accepted; the other side checks the packets.
import gc
from array import array

import mqtt

LONG = "é" * (LONGEST // 2) + "x"


def function(*args):
    pass


client = mqtt.Client("good", command_timeout=5000)
assert client.connect(HOST, 60, PORT) == 0
client.publish("str", "Grüße, 世界 🎉")
client.publish("bytes/ü".encode(), b"bytes\0\xff")
client.publish(bytearray(b"bytearray"), bytearray(b"bytearray"))
client.publish(memoryview(b"xmemoryview")[1:], memoryview(b"memoryview")[1:-1])
client.publish(array("b", b"array"), array("H", [1, 2]))
client.publish("none", None)
client.publish("empty", "")
client.publish("empty", b"", 1, True)
client.publish("int true", qos=1, retain=2)
client.publish("int false", qos=0, retain=0)
client.publish(LONG, b"x")
client.publish("/")
client.publish(" ")
client.publish("$SYS/x", qos=2)
client.publish("\ufeffbom")
client.publish("\U0010ffff")
for topic in ("#", "+", "/", "+/#", "/+", "a/+/b/#", "$SYS/#", "ü/+", LONG, bytearray(b"bytes/+")):
    client.subscribe(topic, function)
client.subscribe(array("b", b"array/+"), print, 1)
# A topic that changes between two calls.
topic = bytearray(b"first")
client.publish(topic)
topic[:] = b"other"
client.publish(topic)
# A buffer that changes after the call is no concern of the client.
payload = bytearray(b"before")
client.publish("kept", payload, 1)
payload[:] = b"after!"
client.disconnect(10000)
client.disconnect(0)
client.disconnect(None)
client = LONG = None
gc.collect()

other = mqtt.Client(b"", cycle_timeout=0, command_timeout=5000)
other.set_username_pw("änn", b"\0\xff")
other.set_will("wïll", None, 1, False)
assert other.connect(HOST, 0, PORT, loop_failure=None) == 0
other.disconnect()
other = mqtt.Client(memoryview(b"bytes-like"), command_timeout=5000)
will = bytearray(b"x" * LONGEST)
other.set_will(b"t", will, 2)
will[0] = 0
will = None
assert other.connect(HOST.encode(), 65535, PORT) == 0
other.disconnect()
other = None
gc.collect()
other = mqtt.Client("x" * LONGEST, command_timeout=5000)
other.set_username_pw("ann", "secret")
other.set_username_pw(None)
other.set_will("t", "payload")
other.set_will(None, None)
assert other.connect(HOST, 60, PORT) == 0
other.disconnect()
print("OK")
