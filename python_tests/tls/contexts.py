# create_ssl_context(): a wrong argument raises at once, with its name.
import mqtt
from on_target.support import expect


def refused(kind, words, *args, **kwargs):
    text = str(expect(kind, mqtt.create_ssl_context, *args, **kwargs))
    for word in words.split():
        assert word in text, (words, text)
    return text


# Without CERT_NONE spelled out a server is verified.
refused(ValueError, "cacert")
refused(ValueError, "cacert", "", CLICERT, PKEY)
refused(ValueError, "cacert", options=mqtt.CERT_REQUIRED)
refused(ValueError, "cacert", options=mqtt.CERT_OPTIONAL | mqtt.SERVER_AUTH)
refused(ValueError, "cacert", options=0)
for context in (
    mqtt.create_ssl_context(options=mqtt.CERT_NONE),
    mqtt.create_ssl_context(options=mqtt.CERT_NONE | mqtt.SERVER_AUTH | mqtt.CLIENT_AUTH),
    mqtt.create_ssl_context(CA),
    mqtt.create_ssl_context(CA.encode()),
    mqtt.create_ssl_context(bytearray(CA_DER)),
    mqtt.create_ssl_context(memoryview(CA_DER)),
    mqtt.create_ssl_context(CA + "\n" + CA2),
    mqtt.create_ssl_context(cacert=CA, clicert=CLICERT, pkey=PKEY, hostname="broker.example", options=4 | 16),
    mqtt.create_ssl_context(CA, CLICERT_DER, PKEY_DER, "192.0.2.1"),
    mqtt.create_ssl_context(CA, CLICERT.replace("\n", "\r\n"), PKEY.replace("\n", "\r\n"), "fe80::1"),
):
    assert type(context).__name__ == "SSLContext"

for name in ("cacert", "clicert", "pkey", "hostname"):
    for bad in (None, 1, 1.5, []):
        refused(TypeError, name, **{name: bad})
for bad in (None, "4", 4.0):
    refused(TypeError, "options", CA, options=bad)
for bad in (-1, 32, 1 << 70, mqtt.CERT_NONE | mqtt.CERT_REQUIRED, mqtt.CLIENT_AUTH, mqtt.CLIENT_AUTH | 4):
    refused(ValueError, "options", CA, options=bad)

# Application protocols: any sequence of names, whose errors come before those of the rest.
for good in (None, ["mqtt"], ("x-amzn-mqtt-ca", b"mqtt"), [bytearray(b"\xff")], ["x" * 255], ["y" * 32] * 8):
    assert type(mqtt.create_ssl_context(CA, alpn=good)).__name__ == "SSLContext"
for bad in ("mqtt", b"mqtt", 1, 1.5, {"mqtt"}, {0: 1}, [None], ["mqtt", 1], [["mqtt"]], iter(["mqtt"])):
    print(refused(TypeError, "alpn sequence names", CA, alpn=bad))
for bad in ((), [], [""], ["mqtt", ""], ["x" * 256], ["x" * 255, "yy"], ["y" * 33] * 8, ["m"] * 9, ["m"] * 70000):
    print(refused(ValueError, "alpn 8 names 255 bytes 256", CA, alpn=bad))
refused(TypeError, "extra positional", CA, "", "", "", 20, ["mqtt"])

PEM = "-----BEGIN CERTIFICATE-----\n"
for bad in ("x", b"\x30", CA[: len(CA) // 2], CA_DER[:-1], CA_DER + b"x", PKEY, PEM, CA.replace("M", "*"), bytes(5000)):
    print(refused(ValueError, "cacert", bad))
    print(refused(ValueError, "clicert", CA, bad, PKEY))
for bad in ("x", PKEY_DER[:-1], CLICERT, CA_DER, OTHER_PKEY, ENCRYPTED):
    print(refused(ValueError, "pkey", CA, CLICERT, bad))
refused(ValueError, "pkey", CA, CLICERT)
refused(ValueError, "clicert", CA, "", PKEY)
for bad in ("a b", "a..b", "-", "x" * 300, "192.0.2.256"):
    print(refused(ValueError, "hostname", CA, hostname=bad))

# It is of no use to anybody else.
expect(AttributeError, lambda: context.wrap_socket)
expect(TypeError, lambda: type(context)())
print("OK")
