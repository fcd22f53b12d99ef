# Publishes over TLS, to a broker that wants a certificate of the client.
#
# Needs files on the board: the authority that has signed the broker's certificate, the client's own
# certificate, and its private key. The private key of a P-256 certificate:
#
#     openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out client.key
#
# Certificates have a time, so the clock has to be set, on a board for example with ntptime.

import time

import mqtt

HOST = "broker.example"  # your broker, by a name that its certificate has
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
