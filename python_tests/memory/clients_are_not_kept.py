# More clients than the heap holds, one after the other: none keeps those before it alive.
# heap: 2m
import mqtt

for number in range(300):
    client = mqtt.Client("clients")
    client.subscribe("t/clients", print)
print("OK")
