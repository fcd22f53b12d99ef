# Each function is called in every way that Python has, and in none that it has not.
import mqtt
from on_target.support import expect


def function(*args):
    pass


def try_all(call, parameters, required):
    """`parameters`: (name, value) in order; the first `required` have no default."""
    values = [value for _, value in parameters]
    for split in range(len(parameters) + 1):
        call(*values[:split], **dict(parameters[split:]))  # the rest by keyword
    for end in range(required, len(parameters) + 1):
        call(*values[:end])
        call(**dict(parameters[:end]))
    for name, value in parameters[required:]:
        call(**dict(parameters[:required] + [(name, value)]))
    expect(TypeError, call, *(values + [None]))
    expect(TypeError, call, *values[:required], no_such_parameter=1)
    for missing in range(required):
        expect(TypeError, call, *values[:missing])
        expect(TypeError, call, **dict(parameters[:missing] + parameters[missing + 1 :]))
    if parameters:
        expect(TypeError, call, *values, **dict(parameters[:1]))


client = mqtt.Client("parameters", command_timeout=5000)


def connect(*args, **kwargs):
    client.disconnect()
    return client.connect(*args, **kwargs)


def disconnect(*args, **kwargs):
    if not client.connected():
        client.reconnect()
    return client.disconnect(*args, **kwargs)


client_parameters = [("client_id", "x"), ("clean_session", True), ("cycle_timeout", 500), ("command_timeout", 9)]
try_all(mqtt.Client, client_parameters, 1)
connect_parameters = [("host", HOST), ("keepalive", 60), ("port", PORT), ("ssl_ctx", None), ("breconnect_cb", None)]
connect_parameters += [("aconnect_cb", None), ("loop_failure", None), ("start_loop", True)]
# Without `port` it would go somewhere else.
try_all(lambda *args, **kwargs: connect(HOST, 60, PORT, *args, **kwargs), connect_parameters[3:], 0)
for split in range(len(connect_parameters) + 1):
    connect(*[value for _, value in connect_parameters[:split]], **dict(connect_parameters[split:]))
expect(TypeError, client.connect)
expect(TypeError, client.connect, HOST, port=PORT)
expect(TypeError, client.connect, keepalive=60, port=PORT)
for name in ("get_return_code", "reconnect", "connected", "loop"):
    try_all(getattr(client, name), [], 0)
try_all(client.set_username_pw, [("username", "ann"), ("password", "secret")], 1)
try_all(client.set_will, [("topic", "t"), ("payload", "p"), ("qos", 0), ("retain", True)], 2)
try_all(client.publish, [("topic", "t"), ("payload", "p"), ("qos", 0), ("retain", False)], 1)
try_all(client.subscribe, [("topic", "t"), ("function", function), ("qos", 0)], 2)
try_all(client.unsubscribe, [("topic", "t")], 1)
try_all(disconnect, [("timeout", None)], 0)
for call in (mqtt.Client.connected, mqtt.Client.publish):
    expect(TypeError, call)
    expect(TypeError, call, 1, "t")
    expect(TypeError, call, None, "t")
print("OK")
