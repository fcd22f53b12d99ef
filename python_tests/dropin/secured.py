# Every form of `ssl`: a context of either kind, and True with the parameters that ssl.wrap_socket() had.
import mqtt
import tls
from umqtt.simple import MQTTClient

context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
context.load_verify_locations(CA_DER)
required = {"cert_reqs": tls.CERT_REQUIRED}
cases = (
    ("the port's context", context, None),
    ("the module's context", mqtt.create_ssl_context(CA), None),
    ("not verified", True, None),
    ("verified", True, dict(required, cadata=CA_DER)),
    ("with no authority to trust", True, required),
    ("with another authority", True, dict(required, cadata=OTHER_DER)),
)
for name, ssl, params in cases:
    client = MQTTClient("dropin-secured", HOST, PORT, ssl=ssl, ssl_params=params)
    client.set_callback(lambda topic, msg: print(name, msg))
    try:
        client.connect()
    except OSError:
        print(name, "is refused")
        continue
    client.subscribe("dropin/secured", 1)
    client.publish("dropin/secured", b"x" * 10, qos=1)
    client.check_msg()
    client.disconnect()
assert MQTTClient("dropin-secured", HOST, ssl=True).port == 8883
print("OK")
