#!/usr/bin/env python3
"""Everything at once, for as long as asked: together.py with a broker, one that floods, and a peer.

    make load SECONDS=600

One client takes messages that come twice as fast as its function can; one is flooded, with every type of packet, by a
broker that does not answer; one publishes from the program, its functions, scheduled functions, timers and
threads. At the end it checks the conditions that must always hold, and prints a line of counts.
"""

import argparse
import contextlib
import functools
import subprocess
import sys
import threading
import time

from harness import certificates, tls_scripts, versions
from harness.broker import Mosquitto
from harness.fake_broker import FakeBroker
from harness.fault_proxy import FaultProxy
from harness.flooding import KINDS, Steady, flood, floods
from harness.link import Aborted, ScriptFailure
from harness.peer import Peer
from harness.targets import ROOT, TARGETS, Mps2
from harness.tls_front import TlsFront, server_context

SCRIPT = ROOT / "python_tests" / "under_load" / "together.py"
# Its clients at the broker.
CLIENTS = ["load-slow", "load-busy"]
# Of the flooded client, in ms.
COMMAND = 3000
WORK = 20
# MQTT_INBOX, in bytes (docs/memory.md). The heap may change by twice as much: a full inbox, a connection, and the
# messages on their way.
INBOX = 64 * 1024
BOARD_INBOX = 8 * 1024
# Of the clients, and of the broker for those of a board, in seconds: a board that computes falls behind the broker's
# clock.
KEEP_ALIVE, BROKER_KEEP_ALIVE = 2, 20


class LoadFailure(AssertionError):
    """A condition that must always hold does not hold."""


def load(target, seconds, tls=None, version=4):
    """Runs it with clients of this version of MQTT; the summary. Raises `LoadFailure`."""
    flooded = _Flooded()
    with contextlib.ExitStack() as stack:
        # Its own settings, but for the counts: nothing of that may be dropped.
        broker = stack.enter_context(Mosquitto(config=["max_queued_messages 10000"]))
        flooding = stack.enter_context(FakeBroker(flooded, patience=60))
        stack.callback(flooded.ended.set)
        counter = _Counter(stack.enter_context(Peer(broker)))
        # Not small: the bytes that the kernel keeps must take seconds to read.
        steady = stack.enter_context(Steady(broker, "steady", WORK / 2000, bytes(400 if is_board(target) else 4000)))
        proxy = FaultProxy(broker.host, broker.port, CLIENTS, BROKER_KEEP_ALIVE if is_board(target) else None)
        ports = [stack.enter_context(proxy).port, flooding.port]
        defines = {
            "HOST": target.host,
            "SECONDS": seconds,
            "SLOWNESS": target.slowness,
            "WORK": WORK,
            "KEEP_ALIVE": KEEP_ALIVE,
            "VERSION": version,
            "COMMAND": COMMAND * min(target.slowness, 2),
            "MOST": 16 * 1024 if is_board(target) else 64 * 1024,
        }
        if tls is not None:
            context = server_context(certificates.local_server())
            fronts = [stack.enter_context(TlsFront(("127.0.0.1", port), context)) for port in ports]
            ports = [front.port for front in fronts]
            defines["TLS"] = (tls, certificates.root().pem)
        defines["PORT"], defines["FLOOD_PORT"] = ports
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        try:
            result = target.run(SCRIPT, defines, seconds + 300, text=True, errors="replace", **options)
        except subprocess.TimeoutExpired as late:
            raise LoadFailure(f"the script did not end; it printed:\n{late.output}") from None
        lines = result.stdout.splitlines()
        if result.returncode != 0 or not lines or lines[-1] != "OK":
            raise LoadFailure(f"the script failed; it printed:\n{result.stdout}")
        counts = dict(line.rsplit(": ", 1) for line in lines if ": " in line)
        _check(broker, counter, counts)
        floods = f"{len(flooded.kinds)} types of packets in {flooded.rounds} floods of {flooded.sent >> 20} MB"
        return (
            f"{target.name}, MQTT {versions.NAMES[version]}, TLS {tls or 'none'}, {seconds} s: {floods}; "
            f"{steady.sent} messages were published at the slow function, {counts['taken']} taken; "
            f"{counts['published at QoS 1']} at QoS 1 and {counts['published at QoS 2']} at QoS 2 published, all "
            f"arrived; the longest call in a flood took {counts['longest call in a flood']} ms, the longest other one "
            f"{counts['longest call']} ms; the heap "
            f"moved by {counts['heap']} bytes, the open files by {counts['files']}"
        )


def is_board(target):
    return isinstance(target, Mps2)


def _check(broker, counter, counts):
    with open(broker.log_path, encoding="utf-8", errors="replace") as log:
        thrown_out = [line for line in log if "exceeded timeout" in line]
    if thrown_out:
        raise LoadFailure(f"the broker lost patience: {thrown_out}")
    for qos in (1, 2):
        said = int(counts[f"published at QoS {qos}"])
        got = counter.wait_for(qos, said)
        # A QoS 1 message may come twice if its connection was lost; none was.
        if got != said or said == 0:
            raise LoadFailure(f"{said} messages were published at QoS {qos}, {got} arrived")


class _Counter:
    """The messages that arrive at a second client, by QoS."""

    def __init__(self, peer):
        self.counts = {1: 0, 2: 0}
        self._changed = threading.Condition()
        for qos in self.counts:
            peer.on(f"count/{qos}", functools.partial(self._count, qos), qos)

    def _count(self, qos):
        with self._changed:
            self.counts[qos] += 1
            self._changed.notify_all()

    def wait_for(self, qos, count):
        """How many there are, when there are so many and no more come, or in half a minute."""
        with self._changed:
            self._changed.wait_for(lambda: self.counts[qos] >= count, 30)
        time.sleep(0.5)
        return self.counts[qos]


class _Flooded:
    """The script of the broker that floods: on each connection with the next type of packet."""

    def __init__(self):
        self.kinds = set()
        self.rounds = 0
        self.sent = 0
        self.ended = threading.Event()

    def __call__(self, broker):
        while True:
            for kind in KINDS:
                link = self._next(broker)
                while b"trigger" not in (packet := link.next_packet()).raw:
                    if packet.kind == "DISCONNECT":
                        return
                    link.oblige(packet)
                self.sent += flood(link, floods(link.mqtt)[kind])
                self.kinds.add(kind)
                self.rounds += 1
                broker.links.clear()
                link.socket.close()

    def _next(self, broker):
        """Its next connection, however long that takes: the script works off the rest."""
        while not self.ended.is_set():
            with contextlib.suppress(ScriptFailure):
                return broker.accept(1)
        raise Aborted


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", default="unix", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--tls", choices=list(tls_scripts.CONTEXTS), help="connect with TLS, with this kind of context")
    parser.add_argument("--version", type=int, default=4, choices=versions.PACKETS, help="of MQTT: 4 is MQTT 3.1.1")
    options = parser.parse_args()
    try:
        print("load:", load(TARGETS[options.target], options.seconds, options.tls, options.version))
    except LoadFailure as failure:
        print("load:", failure, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
