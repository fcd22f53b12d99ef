# CERT_NONE: any certificate will do.
import mqtt

client = mqtt.Client("unverified")
assert client.connect(HOST, 60, PORT, mqtt.create_ssl_context(options=mqtt.CERT_NONE)) == 0
client.publish("tls/unverified", "trusting", 2)
client.disconnect()
print("OK")
