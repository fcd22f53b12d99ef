# heap: 512K
# Gets messages that are larger than the heap: a line each on the console, and the next ones come.
import mqtt
from on_target.support import Record, wait_until

failures = []
got = Record()
ended = Record()
c = mqtt.Client("memory", command_timeout=10000)
c.subscribe("#", lambda c, payload, topic: (ended if topic == "end" else got)(c, payload, topic), 2)
c.connect(HOST, 0, PORT, loop_failure=failures.append)
wait_until(lambda: ended)
assert got.messages == [("next", b"small")] * 3, [topic for topic, _ in got.messages]
assert c.connected() and not failures
c.disconnect()
print("OK")
