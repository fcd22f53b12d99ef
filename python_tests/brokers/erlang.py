"""The parts that the brokers on Erlang share."""

import contextlib
import os
import signal
import sys

from harness import processes
from harness.loopback import HeldPort

# Erlang's own connections stay on this machine.
LOOPBACK = "-kernel inet_dist_use_interface {127,0,0,1}"


@contextlib.contextmanager
def port_mapper():
    """A port mapper of our own, which ends with us: Erlang would leave one behind. Gives the environment that
    leads to it.
    """
    with HeldPort() as port:
        command = [processes.find_tool("epmd", "erlang-base"), "-address", "127.0.0.1", "-port", str(port.number)]
        process = processes.start(command)
        try:
            yield os.environ | {"ERL_EPMD_PORT": str(port.number)}
        finally:
            processes.end(process)


def run(command, environment, **options):
    """Runs a broker until we are ended."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    process = processes.start(command, env=environment, **options)
    try:
        sys.exit(process.wait())
    finally:
        # It has nothing to keep.
        processes.end(process, grace=0)
