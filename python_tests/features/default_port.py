import mqtt

client = mqtt.Client("x", command_timeout=5000)
assert client.connect(HOST, 60) == 0
client.disconnect()
print("OK")
