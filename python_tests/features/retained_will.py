import mqtt

client = mqtt.Client("retained_will")
client.set_will(TOPIC, bytearray(b"gone"))
assert client.connect(HOST, 60, PORT) == 0
print("OK")
