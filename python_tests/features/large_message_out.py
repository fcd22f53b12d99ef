import mqtt

payload = bytes(range(256)) * (SIZE // 256)
client = mqtt.Client("large_out")
assert client.connect(HOST, 60, PORT) == 0
client.publish(TOPIC, payload, QOS)
client.disconnect()
print("OK")
