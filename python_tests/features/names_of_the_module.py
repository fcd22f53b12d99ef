# The names of the module.
import mqtt

for name, value in (
    ("BREAK_LOOP", 0),
    ("RECOVERED", 1),
    ("PORT", 1883),
    ("RC_ACCEPTED", 0),
    ("RC_REFUSED_VERSION", 1),
    ("RC_REFUSED_IDENTIFIER", 2),
    ("RC_REFUSED_SERVER", 3),
    ("RC_REFUSED_BADUSRPWD", 4),
    ("RC_REFUSED_NOAUTH", 5),
    ("CERT_NONE", 1),
    ("CERT_OPTIONAL", 2),
    ("CERT_REQUIRED", 4),
    ("CLIENT_AUTH", 8),
    ("SERVER_AUTH", 16),
    ("__name__", "mqtt"),
    ("__version__", RELEASE),
):
    found = getattr(mqtt, name)
    assert found == value and type(found) is type(value), (name, found)

assert issubclass(mqtt.MQTTException, OSError)
assert mqtt.MQTTException is not OSError
assert mqtt.MQTTException.__name__ == "MQTTException"
try:
    raise mqtt.MQTTException(5, "text")
except OSError as error:
    assert error.args == (5, "text") and error.errno == 5
assert callable(mqtt.create_ssl_context)

methods = {
    "connect", "get_return_code", "reconnect", "connected", "loop", "set_username_pw", "set_will",
    "publish", "subscribe", "unsubscribe", "disconnect", "set_callback", "wait_msg", "ping",
}  # fmt: skip
# A build option; by default boards have them in a firmware, but not in a .mpy file.
if hasattr(mqtt.Client, "save"):
    methods |= {"save", "restore", "set_store"}
attributes = {"message", "session_present", "failure"}
# The same.
if hasattr(mqtt.Client, "set_version"):
    methods |= {"set_version", "request", "reply", "set_authentication", "reauthenticate"}
    attributes |= {"properties"}
names = {name for name in dir(mqtt.Client) if not name.startswith("_")}
assert names == methods, names
names = {name for name in dir(mqtt.Client("x")) if not name.startswith("_")}
assert names == methods | attributes, names
assert callable(mqtt.auto_reconnect)
assert type(mqtt.Client("x")) is mqtt.Client
print("OK")
