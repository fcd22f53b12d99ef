# Publishes over TLS to a broker that demands a client certificate.
#
# The board needs three files: the certificate of the authority that has signed the broker's certificate,
# the client's certificate, and the client's private key. This command makes a P-256 key:
#
#     openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out client.key
#
# A certificate has a validity period, so the clock must be right. A board can set it with ntptime.

import time

import mqtt

HOST = "broker.example"  # your broker, by a name in its certificate
PORT = 8883
CA_FILE = "ca.pem"
CERTIFICATE_FILE = "client.pem"
KEY_FILE = "client.key"


def read(path: str) -> str:
    with open(path) as file:
        text: str = file.read()
    return text


def set_clock() -> None:
    if time.gmtime()[0] < 2024:
        import ntptime

        ntptime.settime()


set_clock()
context = mqtt.create_ssl_context(
    cacert=read(CA_FILE),
    clicert=read(CERTIFICATE_FILE),
    pkey=read(KEY_FILE),
)
client = mqtt.Client("tls-publisher", command_timeout=10000)
try:
    code = client.connect(HOST, 60, PORT, ssl_ctx=context)
    if code != mqtt.RC_ACCEPTED:
        raise OSError("the broker refuses: code %d" % code)
    client.publish("example/secret", "hello", qos=1)
    client.disconnect()
    print("published")
except OSError as error:
    print("not published:", error)
