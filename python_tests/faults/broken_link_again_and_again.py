# Publishes numbers to itself at every QoS while the proxy in between breaks the link again
# and again. At QoS 1 every number must come, in order but for repetitions; at QoS 2 exactly
# once, in order. Prints its counts.
import time

import mqtt
from on_target.breaking import COMMAND, CYCLE, KEEPALIVE, NOT_TAKEN, Breaking, Numbers, proxy
from on_target.support import wait_until

numbers = Numbers()
counts = numbers.counts


def receive(client, payload, topic):
    numbers.take(payload, topic)


def recover(client):
    counts["failures"] += 1
    wait = 1
    while True:
        try:
            if client.reconnect() == 0:
                counts["reconnects"] += 1
                return mqtt.RECOVERED
        except OSError:
            counts["in vain"] += 1
        # The first attempt meets the fault, the others find it mended.
        proxy("normal")
        time.sleep_ms(wait)
        wait = min(2 * wait, 200)


def publish(client, qos, number):
    while True:
        try:
            client.publish("soak/%d" % qos, str(number), qos)
            return
        except OSError as error:
            if qos > 0 and error.errno not in NOT_TAKEN:
                counts["kept"] += 1
                return
            if qos == 0:
                return
            wait_until(client.connected, 60)


client = mqtt.Client("soak", False, CYCLE, COMMAND)
client.subscribe("soak/+", receive, 2)
client.connect(HOST, KEEPALIVE, PORT, loop_failure=recover)
breaking = Breaking(FAULT_EVERY, numbers)
for index in range(MESSAGES):
    qos, number = numbers.next(index)
    publish(client, qos, number)
    breaking.after(index)
    numbers.check()
proxy("normal")
wait_until(numbers.have_come, 120)
numbers.check()
client.disconnect()

numbers.show()
print("OK")
