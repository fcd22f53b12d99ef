# Programs that umqtt.simple lets wait for ever, or that it cannot do. SILENT is the port of a server that takes
# connections and never answers; BROKER that of one that answers CONNECT and SUBSCRIBE only.
import select
import time

from on_target.support import expect, expect_errno
from umqtt.simple import MQTTClient

begin = time.ticks_ms()
client = MQTTClient("dropin-better", HOST, SILENT)
expect_errno(110, client.connect, timeout=0.3)
client = MQTTClient("dropin-better", HOST, BROKER, keepalive=60)
client.set_callback(print)
client.connect(timeout=0.3 * SLOWNESS)
expect_errno(110, client.publish, "dropin/better", "x", qos=1)
client.disconnect()
# A dead link shows itself.
client = MQTTClient("dropin-better", HOST, BROKER, keepalive=1)
client.connect()
expect_errno(110, client.wait_msg)
assert time.ticks_diff(time.ticks_ms(), begin) < 20000 * SLOWNESS
# Without a connection.
expect_errno(107, MQTTClient("dropin-better", HOST, PORT).publish, "a", "b")
expect_errno(107, MQTTClient("dropin-better", HOST, PORT).check_msg)
client = MQTTClient("dropin-better", HOST, PORT)
client.set_callback(print)
expect_errno(107, client.subscribe, "dropin/better")
client.connect()
client.subscribe("dropin/better", 2)
client.publish("dropin/better", "QoS 2", qos=2)
client.check_msg()
client.publish("dropin/better", "ünïcode", qos=1)
client.unsubscribe("dropin/better")
client.publish("dropin/better", "for nobody", qos=1)
# Malformed arguments, of which the broker hears nothing.
expect(ValueError, client.publish, "dropin/+", "x")
expect(ValueError, client.publish, "dropin/better", "x", qos=3)
expect(TypeError, client.publish, "dropin/better", 7)
expect(ValueError, client.subscribe, "dropin/#/a")
client.sock.settimeout(0.05)
expect_errno(110, client.wait_msg)


def looks_again(topic, msg):
    # Messages come one at a time.
    print(msg, client.check_msg())


client.set_callback(looks_again)
client.subscribe("dropin/better")
client.publish("dropin/better", "1")
client.publish("dropin/better", "2")
client.wait_msg()
client.wait_msg()
poller = select.poll()
poller.register(client.sock, select.POLLIN)
assert poller.poll(0) == []
client.sock.close()
# A poll sees the end of the connection, and the next call raises it.
assert poller.poll(0) == [(client.sock, select.POLLIN | select.POLLHUP)]
expect_errno(107, client.wait_msg)
print("OK")
