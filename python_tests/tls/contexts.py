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
