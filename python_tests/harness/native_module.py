"""The native module on emulated boards whose firmware is without the module: the targets BOARD-mpy."""

from pathlib import Path

MPY = Path(__file__).resolve().parents[2] / "build/mpy"

# The kind of processor of each board.
ARCHES = {"MPS2_AN385": "armv7m", "MPS2_AN386": "armv7emsp", "ARDUINO_NANO_RP2040_CONNECT": "armv6m"}

# Imports it as from the flash of a board: from a file system that holds this file alone. Nothing but the
# module stays in memory.
IMPORT = """
import gc, io, sys, uctypes, vfs
class File(io.IOBase):
    def __init__(self):
        self.rest = memoryview(uctypes.bytearray_at({address}, {size}))
    def readinto(self, buffer):
        n = min(len(buffer), len(self.rest))
        buffer[:n] = self.rest[:n]
        self.rest = self.rest[n:]
        return n
    def ioctl(self, request, argument): return 0
class Flash:
    def mount(self, readonly, mkfs): pass
    def umount(self): pass
    def stat(self, path):
        if not path.endswith("mqtt.mpy"): raise OSError(2)
        return (0x8000, 0, 0, 0, 0, 0, {size}, 0, 0, 0)
    def open(self, path, mode): return File()
vfs.mount(Flash(), "/flash")
sys.path.append("/flash")
gc.collect()
import mqtt
sys.path.pop()
vfs.umount("/flash")
del File, Flash, mqtt, io, sys, uctypes, vfs
gc.collect()
del gc
"""


def file_for(target):
    """The module's file for a target, or None if its firmware has the module."""
    board, _, flavour = target.partition("-")
    return MPY / ARCHES[board] / "mqtt.mpy" if flavour == "mpy" else None


def importing(file, address):
    """The source that imports the module's file, which lies at this address."""
    return IMPORT.format(address=address, size=file.stat().st_size)
