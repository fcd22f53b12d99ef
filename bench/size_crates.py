#!/usr/bin/env python3
"""Breaks down the flash of the built-in TLS on a Cortex-M3 by crate.

    python3 bench/size_crates.py BOARD_ENV [--output FOLDER]

BOARD_ENV is the cargo.env that the firmware build of a 32-bit board has written. Every instruction counts
for the crate whose source it comes from, wherever the compiler has put it. An instruction of the core
library or of a small crate counts for the crate that uses it. With --output, the script writes
FOLDER/bench.md.
"""

import argparse
import collections
import re
import subprocess
from pathlib import Path

from page import write_section
from size import BUILD, link, output, sections

TARGET = "thumbv7m-none-eabi"
TOOLS = "arm-none-eabi-"
CONFIGURATIONS = {
    "no TLS": "micropython outbox port-tls by-hand auto-reconnect",
    "P-256": "micropython outbox port-tls by-hand auto-reconnect tls",
    "P-256, Ed25519": "micropython outbox port-tls by-hand auto-reconnect tls-ed25519",
}
GROUPS = {
    "certificate paths": "rustls-webpki untrusted rustls-pki-types",
    "handshake": "embedded-tls",
    "P-256: ECDSA and ECDH": "p256 primeorder elliptic-curve crypto-bigint ecdsa rfc6979 sec1 ff group signature",
    "Ed25519": "curve25519-dalek ed25519-dalek ed25519",
    "ChaCha20-Poly1305": "chacha20 chacha20poly1305 poly1305",
    "AES-GCM": "aes aes-gcm ghash polyval cipher ctr universal-hash aead",
    "SHA-2, HMAC, HKDF": "sha2 hmac hkdf digest block-buffer crypto-common",
}
OURS, REST, CONSTANTS, SUM = "this module: TLS", "this module: all else", "constants", "sum"


def group_of(path):
    """The group of this source file; `None` if its code counts for the caller."""
    if found := re.search(r"/registry/src/[^/]+/(.+?)-\d[^/]*/", path):
        return next((group for group, crates in GROUPS.items() if found[1] in crates.split()), None)
    if "/library/" in path:
        return None
    tls = "transport/tls/" in path or path.endswith(("module/ssl/built_in.rs", "sockets/built_in_tls.rs"))
    return OURS if tls else REST


def instructions(program):
    """The addresses and sizes of the code."""
    for line in output(TOOLS + "objdump", "-d", "-w", program).splitlines():
        if found := re.match(r" *([0-9a-f]+):\t((?:[0-9a-f]{2,8} )+)", line):
            yield found[1], len(found[2].replace(" ", "")) // 2


def measure(features, environment):
    """Bytes of code by group."""
    linked = link(TARGET, features, environment, "--config", "profile.release.debug=1")
    program = linked.with_suffix(".elf")
    ignore = ("--unresolved-symbols=ignore-all", "-e", "0", "-Ttext=0x10000")
    subprocess.run([TOOLS + "ld", *ignore, "-o", program, linked], check=True, stderr=subprocess.DEVNULL)
    size = dict(instructions(program))
    lookup = subprocess.run(
        [TOOLS + "addr2line", "-a", "-i", "-e", program],
        input="\n".join(size), stdout=subprocess.PIPE, text=True, check=True,
    )
    groups = collections.Counter()
    for entry in re.split(r"^0x", lookup.stdout, flags=re.MULTILINE)[1:]:
        address, *frames = entry.splitlines()
        # The innermost first.
        users = filter(None, (group_of(frame.rpartition(":")[0]) for frame in frames))
        groups[next(users, REST)] += size[f"{int(address, 16):x}"]
    code, groups[CONSTANTS] = sections(linked)
    # Padding, and tables that stand in the code.
    groups[REST] += code - sum(bytes for group, bytes in groups.items() if group != CONSTANTS)
    groups[SUM] = code + groups[CONSTANTS]
    return groups


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("board_env", type=Path)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    (BUILD / "size").mkdir(parents=True, exist_ok=True)
    measured = {name: measure(features, options.board_env.resolve()) for name, features in CONFIGURATIONS.items()}
    lines = ["| thumbv7m, bytes | " + " | ".join(measured) + " |", "|---|" + "---:|" * len(measured)]
    for name in (*GROUPS, OURS, REST, CONSTANTS, SUM):
        lines.append(f"| {name} | " + " | ".join(f"{groups[name]:,}" for groups in measured.values()) + " |")
    text = "\n".join(lines) + "\n"
    print(text)
    if options.output:
        write_section(options.output, "crates", text)


if __name__ == "__main__":
    main()
