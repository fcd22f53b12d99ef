"""Child processes that never outlive us."""

import ctypes
import os
import shutil
import signal
import subprocess
import sys

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _die_with_parent():
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def start(command, **options):
    """`subprocess.Popen`, and on Linux the kernel ends the child when we die.

    (Strictly, when the thread that called this ends: keep that thread for as long as the child.)
    """
    if _libc is not None:
        options["preexec_fn"] = _die_with_parent
    return subprocess.Popen(command, **options)


def end(process, grace=5):
    """Ends a process: politely, then not. Returns its exit status."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(grace)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()


def find_tool(name, package):
    """The path of a program. Daemons live where a user's PATH may not lead."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin"])
    found = shutil.which(name, path=path)
    if found is None:
        raise FileNotFoundError(f"there is no {name} here: `make deps` installs it (package {package})")
    return found
