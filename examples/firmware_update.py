# A device that gets a new firmware: the image comes in parts, and each part goes to its place at once. So the image
# may be larger than the memory. It counts only if it ends with the SHA-256 of all before that.
#
#     (cat firmware.bin; sha256sum firmware.bin | cut -c 1-64 | xxd -r -p) > image.bin
#     mosquitto_pub -q 1 -t device/board-1/firmware -f image.bin
#
# This one writes a file. On an ESP32, an update goes to a partition: see the end.

import hashlib
import os
import time

try:
    from typing import Any
except ImportError:  # on the board
    pass

import mqtt

HOST = "192.168.1.10"  # your broker
PORT = 1883
NAME = "board-1"
FILE = "firmware.bin"
DIGEST = 32

updated = False


class Update:
    """An image that is being written."""

    def __init__(self, size: int) -> None:
        self.file: Any = open(FILE + ".new", "wb")
        self.hash = hashlib.sha256()
        self.left = size - DIGEST
        self.end = b""

    def write(self, part: memoryview) -> None:
        image = part[: max(self.left, 0)]
        self.file.write(image)
        self.hash.update(image)
        self.left -= len(image)
        self.end += bytes(part[len(image) :])

    def finish(self) -> bool:
        self.file.close()
        digest: bytes = self.hash.digest()
        return self.end == digest


update: "Update | None" = None


def on_part(client: mqtt.Client, part: memoryview, topic: str) -> None:
    global update, updated
    message = client.message
    assert message is not None
    if message.size == 0:
        # The connection was lost in the middle. The broker sends a message of QoS 1 again, from the start.
        update = None
        return
    if message.offset == 0:
        update = Update(message.size)
    if update is None:
        return
    update.write(part)
    if message.offset + len(part) == message.size:
        done, update = update, None
        if done.finish():
            os.rename(FILE + ".new", FILE)
            updated = True
        else:
            print("the image is damaged")


client = mqtt.Client(NAME, clean_session=False, command_timeout=10000)
# A part is as large as the buffer; here as a sector of a flash memory.
client.subscribe("device/%s/firmware" % NAME, on_part, qos=1, into=bytearray(4096))
client.connect(HOST, 30, PORT, loop_failure=mqtt.auto_reconnect())
print("ready")
while not updated:
    time.sleep_ms(100)
client.disconnect()
print("updated")

# On an ESP32, with buffer and partition in place of the file:
#
#     partition = esp32.Partition(esp32.Partition.RUNNING).get_next_update()
#     partition.writeblocks(message.offset // 4096, part)     # an image is padded to whole blocks
#     partition.set_boot()
#     machine.reset()
