# An address of IPv6, with brackets as in a URL and without; a name that has addresses of both kinds.
import mqtt

for host in HOSTS:
    client = mqtt.Client("addresses", command_timeout=10000)
    assert client.connect(host, 30, PORT) == 0, host
    client.publish("to", host, qos=1)
    # reconnect() has kept it.
    assert client.reconnect() == 0
    client.disconnect()
print("OK")
