# The time that this machine takes from the program.
import os


def held_up():
    """For how long, in us, this machine let the threads of this process wait while it ran other programs."""
    waited = 0
    try:
        for task in os.listdir("/proc/self/task"):
            with open("/proc/self/task/%s/schedstat" % task) as file:
                waited += int(file.read().split()[1])
    except (AttributeError, OSError):
        pass  # a board; or a thread that ended meanwhile
    return waited // 1000
