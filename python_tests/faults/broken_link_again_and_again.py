# Publishes numbers to itself at every QoS while the proxy in between breaks the link again
# and again. At QoS 1 every number must come, in order but for repetitions; at QoS 2 exactly
# once, in order. Prints its counts.
import errno
import socket
import time

import mqtt
from on_target.support import wait_until

# Milliseconds without which a broken link would be noticed too late for a soak.
CYCLE = 100
COMMAND = 1000
KEEPALIVE = 1
# Not taken: to be published again. After any other error the client has kept the message.
NOT_TAKEN = (errno.ENOTCONN, errno.ENOBUFS, errno.EAGAIN)

FAULTS = (
    "cut rst",
    "cut fin",
    "cut_after up bytes %d",
    "cut_after down bytes %d",
    "cut_after up bytes %d fin",
    "cut_after down bytes %d fin",
    "refuse; cut rst",
    "slow 0.2; cut fin",
    "drip 0.001",
    "swallow up",
    "swallow down",
    "black",
)

control = socket.socket()
control.connect(socket.getaddrinfo(HOST, CONTROL)[0][-1])


def command(lines):
    for line in lines.split(";"):
        control.write(line + "\n")
        assert control.readline() == b"ok\n", line


counts = {"published": 0, "faults": 0, "failures": 0, "reconnects": 0, "in vain": 0, "repeated": 0, "kept": 0}
next_number = [0, 0, 0]
wrong = []


def receive(client, payload, topic):
    qos = int(topic[-1])
    number = int(payload)
    if number == next_number[qos] or qos == 0:
        next_number[qos] += 1
    elif qos == 1 and number < next_number[1]:
        counts["repeated"] += 1
    else:
        wrong.append("QoS %d: %d where %d was due" % (qos, number, next_number[qos]))
        next_number[qos] = number + 1


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
        command("normal")
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
sent = [0, 0, 0]
seed = 1
for index in range(MESSAGES):
    qos = (1, 2, 1, 2, 0)[index % 5]
    publish(client, qos, sent[qos])
    sent[qos] += 1
    counts["published"] += 1
    if index % FAULT_EVERY == FAULT_EVERY - 1:
        seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
        fault = FAULTS[counts["faults"] % len(FAULTS)]
        if "%d" in fault:
            fault = fault % (1 + seed % 400)
        counts["faults"] += 1
        command(fault)
    if index % FAULT_EVERY == 50:
        # One that only makes the link slow has lasted long enough.
        command("normal")
    assert not wrong, wrong
command("normal")
wait_until(lambda: next_number[1] == sent[1] and next_number[2] == sent[2], 120)
assert not wrong, wrong
client.disconnect()

for name in counts:
    print(name, counts[name])
for qos in range(3):
    print("QoS %d: published %d, received %d" % (qos, sent[qos], next_number[qos]))
print("OK")
