import mqtt
from on_target.support import Record, wait_until

record = Record()
client = mqtt.Client("ütf8")
assert client.connect(HOST, 60, PORT) == 0
client.subscribe("世界/+/🎉", record, 1)
client.publish(READY)
wait_until(lambda: record)
topic, payload = record.messages.pop()
assert topic == "世界/grüße/🎉" and payload.decode() == "πάντα ῥεῖ"
client.publish("世界/é".encode(), "日本語", 1)
client.unsubscribe("世界/+/🎉")
client.disconnect()
print("OK")
