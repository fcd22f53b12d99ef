# A store in memory that a reset does not clear, in two halves that it writes in turn. The check sum is written
# last.
import binascii
import struct


class MemoryStore:
    def __init__(self, memory):
        half = len(memory) // 2
        self.halves = (memory[:half], memory[half:])
        self.number = 0
        self.data = b""
        for half in self.halves:
            number, length, check = struct.unpack_from(">III", half)
            data = bytes(half[12 : 12 + length])
            if number > self.number and check == binascii.crc32(data):
                self.number, self.data = number, data

    def write(self, data):
        if data == self.data:
            return
        self.number += 1
        half = self.halves[self.number & 1]
        struct.pack_into(">III", half, 0, self.number, len(data), 0)
        half[12 : 12 + len(data)] = data
        struct.pack_into(">I", half, 8, binascii.crc32(data))
        self.data = data
