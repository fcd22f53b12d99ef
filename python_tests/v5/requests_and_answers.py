# request() and reply(): a client asks another one, plainly, inside a function, over a new connection, in vain.
import time

import mqtt

try:
    import _thread
except ImportError:
    _thread = None
from on_target.support import expect, expect_errno, need_version_5, wait_until

need_version_5()

server = mqtt.Client("server", command_timeout=20000)
server.set_version(5)
client = mqtt.Client("asker", command_timeout=20000)
expect(ValueError, client.request, "ask")
client.set_version(5)
expect(OSError, client.request, "ask")
expect(ValueError, client.reply, "no message")
unanswered = []


def answer(server, payload, topic):
    properties = server.message.properties
    assert properties["response_topic"] == "response/asker", properties
    if payload == b"mute":
        unanswered.append(server.message)
    else:
        server.reply(b"re " + payload, qos=QOS)


assert server.connect(HOST, 30, PORT) == 0
server.subscribe("ask", answer, 2)
assert client.connect(HOST, 30, PORT) == 0

message = client.request("ask", "one", qos=QOS)
assert message.topic == "response/asker" and message.payload == b"re one" and message.qos == QOS, message
message = client.request("ask", b"two", 20000, properties={"content_type": "text/plain"})
assert message.payload == b"re two", message
expect(ValueError, client.request, "ask", "x", properties={"nothing": 1})
expect(TypeError, client.request, "ask", 5)

# In vain. The answer that comes too late goes to no function.
others = []
client.set_callback(lambda client, payload, topic: others.append(topic))
begin = time.ticks_ms()
error = expect_errno(110, client.request, "ask", "mute", 300)
assert error.args[1] == "no answer to the request", error.args
assert time.ticks_diff(time.ticks_ms(), begin) >= 300
wait_until(lambda: unanswered)
server.reply("late", qos=1, message=unanswered[0])
expect(ValueError, server.reply, "late", message=message)
expect(AttributeError, server.reply, "late", message=b"no message")
client.subscribe("end", None, 1)
server.publish("end", qos=1)
wait_until(lambda: others)
assert others == ["end"], others

# Inside a function, while other messages wait for it to return.
answers = []


def ask(client, payload, topic):
    answers.append(client.request("ask", payload).payload)


# Without threads, the server's function would have to run inside the client's.
if _thread:
    client.subscribe("inside", ask, 2)
    for number in range(3):
        server.publish("inside", "%d" % number, qos=1)
    wait_until(lambda: len(answers) == 3)
    assert answers == [b"re 0", b"re 1", b"re 2"], answers

# A new connection.
assert client.reconnect() == 0
assert client.request("ask", "again").payload == b"re again"
client.disconnect()
expect(OSError, client.request, "ask")
server.disconnect()
print("OK")
