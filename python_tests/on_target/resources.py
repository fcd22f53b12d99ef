# Things that the process has open.
try:
    import os
except ImportError:
    os = None


def open_files():
    """The number of the descriptors that the process has open; 0 on a board, which has none."""
    return _entries("/proc/self/fd")


def tasks():
    """The number of the process's threads; 1 on a board."""
    return _entries("/proc/self/task") or 1


def _entries(folder):
    try:
        return len(os.listdir(folder))
    except (AttributeError, OSError):
        return 0
