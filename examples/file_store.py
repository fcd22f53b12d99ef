# QoS 1 and 2 across a loss of power: the client's session and the program's own data in a file.
#
# A FileStore has two files and writes them in turn, so that at any instant one of them is whole: that takes
# no file system with atomic renaming, and spreads the wear. The program stores its own data together with
# the session. Else a message could be in the one and not in the other.
#
# Cut the power while it counts, and start it again: no message comes twice or not at all.

import binascii
import struct
import time

import mqtt

HOST = "192.168.1.10"  # your broker
PORT = 1883
NAME = "counter-1"
PATH = "session"  # the files are session.0 and session.1
MESSAGES = 10

HEADER = ">III"  # a number that counts up, the length of the data, their check sum


class FileStore:
    def __init__(self, path: str) -> None:
        self.path = path
        self.number = 0
        self.data = b""
        for slot in (0, 1):
            number, data = self._read(slot)
            if number > self.number:
                self.number, self.data = number, data

    def _name(self, slot: int) -> str:
        return "%s.%d" % (self.path, slot)

    def _read(self, slot: int) -> tuple[int, bytes]:
        try:
            with open(self._name(slot), "rb") as file:
                number, length, check = struct.unpack(HEADER, file.read(struct.calcsize(HEADER)))
                data = file.read()
        except (OSError, ValueError):
            return 0, b""  # there is none, or it was cut
        if len(data) != length or binascii.crc32(data) != check:
            return 0, b""
        return number, data

    def write(self, data: bytes) -> None:
        if data == self.data:
            return
        header = struct.pack(HEADER, self.number + 1, len(data), binascii.crc32(data))
        with open(self._name(self.number + 1 & 1), "wb") as file:
            file.write(header + data)
        self.number += 1
        self.data = data


def text_of(count: int) -> bytes:
    return b"reading %06d" % count


def save(state: bytes) -> None:
    """The module calls it before each packet that must not leave earlier."""
    global count
    # The message is in the session: it counts as published.
    if text_of(count) in state:
        count += 1
    store.write(struct.pack(">I", count) + state)


count = 0
store = FileStore(PATH)
client = mqtt.Client(NAME, clean_session=False)
if store.data:
    (count,) = struct.unpack_from(">I", store.data)
    client.restore(store.data[4:])
client.set_store(save)
client.connect(HOST, 60, PORT)
while count < MESSAGES:
    client.publish("counter/%s" % NAME, text_of(count), qos=2)
    time.sleep_ms(100)
print("published", count)
client.disconnect()
