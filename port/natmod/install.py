# Installs mqtt.mpy, the file for the board that this runs on. On the board's prompt, with the network up:
#
#     import mip
#     mip.install("https://.../install.py", target=""); import install; install.mqtt("https://...")
import sys

_ARCHES = (None, "x86", "x64", "armv6", "armv6m", "armv7m", "armv7em", "armv7emsp", "armv7emdp", "xtensa", "xtensawin", "rv32imc")


def arch():
    """The kind of processor, as MicroPython names it."""
    return _ARCHES[getattr(sys.implementation, "_mpy", 0) >> 10 & 15]


def mqtt(place, tls=False, target=None, lean=False):
    """Installs the module from `place`, the folder of the files of a release; `tls`: with built-in TLS; `lean`: the
    smallest one."""
    _install(place, "-tls/mqtt.mpy" if tls else "-lean/mqtt.mpy" if lean else "/mqtt.mpy", target)


def mqtt_aio(place, target=None):
    """Installs the client for asyncio, with a module that has its steps."""
    _install(place, "-aio/package.json", target)


def _install(place, file, target):
    import mip

    kind = arch()
    # These processors run the code of the next smaller one.
    kind = {"armv7em": "armv7m", "armv7emdp": "armv7emsp"}.get(kind, kind)
    mip.install("%s/%s%s" % (place, kind, file), target=target)
