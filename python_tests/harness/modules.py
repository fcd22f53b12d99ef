"""Gives a script modules of Python that it imports, on targets without files, too: from a file system that holds
these alone, and that comes first.
"""

from pathlib import Path

LIBRARIES = Path(__file__).resolve().parents[2] / "port/lib"

_MOUNT = """
import io, sys, vfs
class _File(io.IOBase):
    def __init__(self, text):
        self._rest = memoryview(text)
    def readinto(self, buffer):
        n = min(len(buffer), len(self._rest))
        buffer[:n] = self._rest[:n]
        self._rest = self._rest[n:]
        return n
    def ioctl(self, request, argument): return 0
class _Modules:
    def __init__(self, files): self._files = files
    def mount(self, readonly, mkfs): pass
    def umount(self): pass
    def stat(self, path):
        path = path.lstrip("/")
        if path in self._files: return (0x8000, 0, 0, 0, 0, 0, len(self._files[path]), 0, 0, 0)
        if any(name.startswith(path + "/") for name in self._files): return (0x4000, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        raise OSError(2)
    def open(self, path, mode): return _File(self._files[path.lstrip("/")])
vfs.mount(_Modules(_FILES), "/modules")
sys.path.insert(0, "/modules")
del io, sys, vfs, _FILES
"""


def preamble(files):
    """The statements that run first, on one line. `files`: the text of each module by its path, such as `package/module.py`."""
    texts = {path: text.encode() for path, text in files.items()}
    # A board holds each text once: it is no part of another one.
    return f"_FILES = {texts!r}; exec({ascii(_MOUNT)})"


def of_packages(*names):
    """The texts of the files of packages of Python, by path."""
    return {
        str(path.relative_to(LIBRARIES / name)): path.read_text(encoding="utf-8")
        for name in names
        for path in (LIBRARIES / name).rglob("*.py")
    }
