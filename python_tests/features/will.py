import mqtt

for qos in (1, 2):
    client = mqtt.Client("will_%d" % qos)
    client.set_will(TOPIC, "Grüße\0", qos, False)
    assert client.connect(HOST, 60, PORT) == 0
    # Later ones are for later connections.
    client.set_will(TOPIC, "another")
    if DISCONNECT:
        client.disconnect()
    globals()["kept_%d" % qos] = client
print("OK")
