"""The native module on emulated boards whose firmware is without the module: the targets BOARD-mpy, with the client
for asyncio BOARD-mpy-aio, and with the smallest file BOARD-mpy-lean."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MPY = ROOT / "build/mpy"

# The kind of processor of each board.
ARCHES = {"MPS2_AN385": "armv7m", "MPS2_AN386": "armv7emsp", "ARDUINO_NANO_RP2040_CONNECT": "armv6m"}

# Imports them as from the flash of a board: from a file system that holds these files alone. Nothing but the
# modules stays in memory.
IMPORT = """
import gc, io, sys, uctypes, vfs
class File(io.IOBase):
    def __init__(self, place):
        self.rest = memoryview(uctypes.bytearray_at(*place))
    def readinto(self, buffer):
        n = min(len(buffer), len(self.rest))
        buffer[:n] = self.rest[:n]
        self.rest = self.rest[n:]
        return n
    def ioctl(self, request, argument): return 0
class Flash:
    places = {places}
    def mount(self, readonly, mkfs): pass
    def umount(self): pass
    def place(self, path):
        name = path.split("/")[-1]
        if name not in self.places: raise OSError(2)
        return self.places[name]
    def stat(self, path): return (0x8000, 0, 0, 0, 0, 0, self.place(path)[1], 0, 0, 0)
    def open(self, path, mode): return File(self.place(path))
vfs.mount(Flash(), "/flash")
sys.path.append("/flash")
gc.collect()
import {modules}
sys.path.pop()
vfs.umount("/flash")
del File, Flash, {modules}, io, sys, uctypes, vfs
gc.collect()
del gc
"""


def files_for(target):
    """The files of the modules for a target; none if its firmware has them."""
    board, _, flavour = target.partition("-")
    if flavour == "mpy":
        return [MPY / ARCHES[board] / "mqtt.mpy"]
    if flavour == "mpy-lean":
        return [MPY / f"{ARCHES[board]}-lean/mqtt.mpy"]
    if flavour == "mpy-aio":
        return [MPY / f"{ARCHES[board]}-aio/{name}.mpy" for name in ("mqtt", "mqtt_aio")]
    return []


def importing(addresses):
    """The source that imports the modules of files, which lie at these addresses."""
    places = {file.name: (address, file.stat().st_size) for file, address in addresses.items()}
    return IMPORT.format(places=places, modules=", ".join(file.stem for file in addresses))
