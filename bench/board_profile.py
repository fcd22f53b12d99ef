#!/usr/bin/env python3
"""Shows how many instructions each function of the firmware takes, on a board that QEMU emulates.

    python3 bench/board_profile.py BOARD {publish,receive,connect} [--client {mqtt,umqtt,socket}]
        [--pc FUNCTION] [--callers FUNCTION]

The script profiles one operation of bench/board.py: QEMU (up to version 9) logs every instruction between
two calls of time.ticks_cpu(). A call is an entry at a function's first instruction. --pc adds the
disassembly of a function, with the number of executions of each instruction; --callers the functions that called
a function.
"""

import argparse
import bisect
import collections
import json
import re
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from umqtt_source import BUILD, ROOT, fetch

sys.path.insert(0, str(ROOT / "python_tests"))
from harness import qemu  # noqa: E402

PREFIX = "arm-none-eabi-"
PATIENCE = 300
# The script counts the instructions between two calls of this function.
MARK = "time_ticks_cpu"

PUBLISHES = 16
MESSAGES = 10

CONNECT = {
    "mqtt": """
import mqtt
client = mqtt.Client("profile")
client.connect(HOST, 0, PORT)
publish = lambda: client.publish("bench/topic", payload)
receive = lambda: client.subscribe(SOURCE, on_message)
connect = lambda: client.connect(HOST, 0, PORT)
wait = lambda: time.sleep_ms(1)
""",
    "umqtt": """
umqtt = {}
exec(UMQTT, umqtt)
client = umqtt["MQTTClient"]("profile", HOST, PORT)
client.set_callback(on_message)
client.connect()
publish = lambda: client.publish("bench/topic", payload)
receive = lambda: client.subscribe(SOURCE)
connect = client.connect
wait = client.wait_msg
""",
}
CONNECT["socket"] = CONNECT["umqtt"] + """
packet = b"0\\x4d\\x00\\x0bbench/topic" + payload
publish = lambda: client.sock.write(packet)
"""
COMMON = """
import gc, time
mark = time.ticks_cpu
payload = b"x" * 64
count = 0
def on_message(*_):
    global count
    if count == 0: mark()
    count += 1
    if count == MESSAGES: mark()
"""
# The first operation fills the caches of the client and of the peer.
RUN = {
    "publish": """
for _ in range(2):
    gc.collect()
    time.sleep_ms(5)
    mark()
    for _ in range(PUBLISHES): publish()
    mark()
""",
    "receive": """
for _ in range(2):
    count = 0
    gc.collect()
    time.sleep_ms(5)
    receive()
    while count < MESSAGES: wait()
""",
    "connect": """
for _ in range(2):
    client.disconnect()
    gc.collect()
    time.sleep_ms(5)
    mark()
    connect()
    mark()
""",
}
OPERATIONS = {"publish": PUBLISHES, "receive": MESSAGES - 1, "connect": 1}


def port_functions(board):
    """The names of the C functions that belong to the module."""
    objects = map(str, (BUILD.parent / board / "port").glob("*mqtt*.o"))
    return set(re.findall(r"^\w+ [tT] ([\w]+)$", output("nm", "--defined-only", *objects), re.MULTILINE))


class Symbols:
    """The functions of a firmware."""

    def __init__(self, image):
        functions = {}
        for line in output("nm", "-C", "-S", "--defined-only", image).splitlines():
            address, kind, name = re.match(r"(\w+) (?:\w{8} )?(\w) (.*)", line).groups()
            if kind in "tTwW" and not name.startswith("$"):
                functions.setdefault(int(address, 16) & ~1, re.sub(r"::h[0-9a-f]{16}$", "", name))
        self.starts = sorted(functions)
        self.names = [functions[start] for start in self.starts]

    def at(self, address):
        """The name of the function, and whether it begins there."""
        index = bisect.bisect(self.starts, address) - 1
        return self.names[index], self.starts[index] == address


def output(tool, *arguments):
    return subprocess.run([PREFIX + tool, *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout


def monitor(path, *commands):
    """Sends commands to QEMU's monitor."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        lines = connection.makefile("rw")
        lines.readline()
        for command in ({"execute": "qmp_capabilities"}, *(
            {"execute": "human-monitor-command", "arguments": {"command-line": command}} for command in commands
        )):
            print(json.dumps(command), file=lines, flush=True)
            while "return" not in json.loads(lines.readline()):
                pass


def trace(options, image, folder):
    """The addresses of the executed instructions, in order."""
    monitor_path, log = folder / "monitor", folder / "log"
    defines = {"PUBLISHES": PUBLISHES, "MESSAGES": MESSAGES, "HOST": qemu.HOST, "SOURCE": f"source/{MESSAGES}/64"}
    if options.client != "mqtt":
        defines["UMQTT"] = (fetch() / "umqtt/simple.py").read_text(encoding="utf-8")
    arguments = ("-icount", "shift=0", "-singlestep", "-d", "nochain", "-D", str(log),
                 "-qmp", f"unix:{monitor_path},server=on,wait=off")
    with subprocess.Popen([BUILD / "peer"], stdout=subprocess.PIPE, text=True) as peer:
        try:
            defines["PORT"] = int(peer.stdout.readline())
            source = "".join(f"{name} = {value!r}\n" for name, value in defines.items())
            with qemu.Board(options.board, image, options=arguments) as board:
                board.enter_raw_repl()
                board.run(qemu.NETWORK_UP)
                board.run(source + COMMON + CONNECT[options.client], PATIENCE)
                monitor(monitor_path, "log exec,nochain")
                board.run(RUN[options.operation], PATIENCE)
                monitor(monitor_path, "log none")
        finally:
            peer.kill()
    with log.open(encoding="utf-8", errors="replace") as lines:
        return [int(line.split("/", 2)[1], 16) for line in lines if line.startswith("Trace ")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("board")
    parser.add_argument("operation", choices=RUN)
    parser.add_argument("--client", choices=CONNECT, default="mqtt")
    parser.add_argument("--pc", metavar="FUNCTION", action="append", default=[])
    parser.add_argument("--callers", metavar="FUNCTION", action="append", default=[])
    options = parser.parse_args()
    image = ROOT / "build" / options.board / "firmware.elf"
    symbols = Symbols(image)
    with tempfile.TemporaryDirectory() as folder:
        addresses = trace(options, image, Path(folder))
    marks = [index for index, address in enumerate(addresses) if symbols.at(address) == (MARK, True)]
    addresses = addresses[marks[-2]:marks[-1]]
    operations = OPERATIONS[options.operation]
    instructions, calls = collections.Counter(), collections.Counter()
    for address, number in collections.Counter(addresses).items():
        name, begins = symbols.at(address)
        instructions[name] += number
        calls[name] += number if begins else 0
    print(f"{len(addresses) / operations:10.1f} instructions per {options.operation}")
    in_c = port_functions(options.board)
    # Rust's names have paths. The C compiler adds a suffix to the parts of a function that it splits.
    own = sum(number for name, number in instructions.items() if "::" in name or name.partition(".")[0] in in_c)
    print(f"{own / operations:10.1f} of these in the module\n")
    for name, number in instructions.most_common():
        print(f"{number / operations:10.1f} {calls[name] / operations:8.2f} calls  {name}")
    for name in options.callers:
        entries = (index for index, address in enumerate(addresses) if symbols.at(address) == (name, True))
        callers = collections.Counter(symbols.at(addresses[index - 1])[0] for index in entries)
        print(f"\ncallers of {name}")
        for caller, number in callers.most_common():
            print(f"{number / operations:10.2f} calls  {caller}")
    executed = collections.Counter(addresses)
    for name in options.pc:
        print()
        for line in output("objdump", "-dC", f"--disassemble={name}", image).splitlines():
            address, colon, _ = line.partition(":\t")
            count = executed[int(address, 16)] / operations if colon else 0
            print(f"{count or '':10} {line}" if colon else line)


if __name__ == "__main__":
    main()
