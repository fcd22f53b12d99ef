# The heap that connections took is free when they have ended, although the clients are still there.
import mqtt
from on_target.heap import used

CLIENTS = 3


def connect(clients):
    for client in clients:
        assert client.connect(HOST, 60, PORT) == 0


def disconnect(clients):
    for client in clients:
        client.disconnect()


# Objects that are made once belong to it.
others = [mqtt.Client("first")]
connect(others)
disconnect(others)
clients = [mqtt.Client("disconnected_%d" % i) for i in range(CLIENTS)]
before = used()
connect(clients)
connected = used() - before
disconnect(clients)
kept = used() - before
print("connected:", connected, "disconnected:", kept, "bytes")
# On the stack there may be something that looks like a reference to one of them.
assert kept <= max(512, connected // 2), (connected, kept)
print("OK")
