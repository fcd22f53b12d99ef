# Every form of `ssl`: a context of either kind, and True with the parameters that ssl.wrap_socket() had.
import asyncio

import mqtt
import tls
from mqtt_as import MQTTClient, config

context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
context.load_verify_locations(CA_DER)
verified = {"cert_reqs": tls.CERT_REQUIRED, "cadata": CA_DER}
CASES = (
    ("the port's context", context, {}),
    ("the module's context", mqtt.create_ssl_context(CA), {}),
    ("not verified", True, {}),
    ("verified", True, verified),
    ("with the name of the server", True, dict(verified, server_hostname="localhost")),
    ("with another name", True, dict(verified, server_hostname="elsewhere.example")),
    ("with another authority", True, dict(verified, cadata=OTHER_DER)),
)


async def main():
    for name, ssl, params in CASES:
        client = MQTTClient(dict(config, ssl=ssl, ssl_params=params))
        try:
            await client.connect()
        except OSError:
            print(name, "is refused")
            continue
        await client.subscribe("dropin/secured", 1)
        await client.publish("dropin/secured", b"x" * 10, qos=1)
        async for _, msg, _ in client.queue:
            print(name, msg)
            break
        await client.disconnect()


config["server"] = HOST
config["port"] = PORT
config["client_id"] = b"dropin-secured"
config["queue_len"] = 1
asyncio.run(main())
print("OK")
