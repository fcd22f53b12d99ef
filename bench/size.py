#!/usr/bin/env python3
"""Measures the flash of the module's Rust code on every kind of processor.

    python3 bench/size.py BOARD_ENV HOST_ENV [--targets TARGET...] [--options-of TARGET] [--output FOLDER]

BOARD_ENV and HOST_ENV are the cargo.env that the firmware builds of a 32-bit board and of the unix
port have written. For each target the script builds the library with and without TLS, and links it as a
firmware does, without the code that no entry point needs. A function counts for the layer into which the
compiler has inlined it. A second table has the cost of each option, on one target. With --output, the script
writes FOLDER/bench.md.
"""

import argparse
import collections
import re
import subprocess
import sys
from pathlib import Path

from page import write_section
from umqtt_source import BUILD, ROOT

TARGETS = {
    "thumbv6m-none-eabi": "arm-none-eabi-ld",
    "thumbv7m-none-eabi": "arm-none-eabi-ld",
    "thumbv7em-none-eabihf": "arm-none-eabi-ld",
    "riscv32imc-unknown-none-elf": "riscv64-unknown-elf-ld -m elf32lriscv",
    "x86_64-unknown-linux-gnu": "ld",
}
FEATURES = {
    "no": "micropython outbox port-tls by-hand auto-reconnect",
    "1.3, P-256": "micropython outbox port-tls by-hand auto-reconnect tls",
    "1.3, P-256, Ed25519": "micropython outbox port-tls by-hand auto-reconnect tls-ed25519",
}
# By build variable: the features, and the row that the option comes on top of.
LEAN, BUILT_IN = "lean: none of the options", "`MQTT_TLS`, P-256"
OPTIONS = {
    LEAN: ("micropython terse", None),
    "`MQTT_TEXTS`": ("micropython", LEAN),
    "`MQTT_PORT_TLS`": ("micropython terse port-tls", LEAN),
    "`MQTT_BY_HAND`": ("micropython terse by-hand", LEAN),
    "`MQTT_AUTO_RECONNECT`": ("micropython terse auto-reconnect", LEAN),
    "`MQTT_OUTBOX`": ("micropython terse outbox", LEAN),
    "`MQTT_INTO`": ("micropython terse into", LEAN),
    "`MQTT_STORE`": ("micropython terse store", LEAN),
    "`MQTT_AIO`": ("micropython terse outbox aio", "`MQTT_OUTBOX`"),
    "`MQTT_V5`": ("micropython terse v5", LEAN),
    BUILT_IN: ("micropython terse tls", LEAN),
    "Ed25519": ("micropython terse tls-ed25519", BUILT_IN),
    "RSA": ("micropython terse tls-rsa", BUILT_IN),
    "P-384": ("micropython terse tls-p384", BUILT_IN),
    "full: all of them": (
        "micropython port-tls by-hand auto-reconnect outbox into store aio v5 tls-ed25519 tls-rsa tls-p384",
        LEAN,
    ),
}
LAYERS = ("codec", "session", "transport", "micropython", "module")
LAYER = re.compile(r"4mqtt\d+(" + "|".join(LAYERS) + r")|mqtt\.\.(" + "|".join(LAYERS) + r")")


def run(*command, **options):
    return subprocess.run([str(word) for word in command], check=True, cwd=ROOT, **options)


def output(*command):
    return run(*command, stdout=subprocess.PIPE, text=True).stdout


def link(target, features, environment, *options):
    """Builds the Rust code as one object. `options` are more arguments for cargo."""
    folder = BUILD / "size"
    cargo = ("cargo", "rustc", "--quiet", "--locked", "--lib", "--crate-type", "staticlib", "--profile", "release")
    place = ("--target", target, "--target-dir", folder)
    run("sh", "-c", '. "$0" && exec "$@"', environment, *cargo, "--features", features, *place, *options)
    entries = output(ROOT / "port/rust_entries.sh", features).split()
    library, linked = folder / "libmqtt.a", folder / "linked.o"
    library.write_bytes((folder / target / "release/libmqtt.a").read_bytes())
    # A firmware takes its arithmetic from the C compiler's own library.
    builtins = [name for name in output("ar", "t", library).split() if name.startswith("compiler_builtins")]
    run("ar", "d", library, *builtins)
    roots = [word for entry in entries for word in ("-u", entry)]
    run(*TARGETS[target].split(), "-r", "--gc-sections", "-o", linked, *roots, library)
    return linked


def sections(linked):
    """Bytes of code and of constants."""
    code = constants = 0
    for line in output("readelf", "-SW", linked).splitlines():
        found = re.match(r"\s*\[\s*\d+\]\s+(\.\S+)\s+\S+\s+\S+\s+\S+\s+([0-9a-f]+)", line)
        if found and found[1].startswith(".text"):
            code += int(found[2], 16)
        elif found and found[1].startswith((".rodata", ".data.rel.ro")):
            constants += int(found[2], 16)
    return code, constants


def layers(linked):
    """Bytes of functions by layer."""
    sizes = collections.Counter()
    for fields in map(str.split, output("readelf", "-sW", linked).splitlines()):
        if len(fields) == 8 and fields[3] == "FUNC":
            found = LAYER.search(fields[7])
            layer = "module" if fields[7].startswith("mqtt_") else "other crates"
            sizes[(found[1] or found[2]) if found else layer] += int(fields[2], 0)
    return sizes


def options_table(target, environment):
    """The cost of each option on this target."""
    lines = [f"| {target} | code | constants | sum | more | than |", "|---|---:|---:|---:|---:|---|"]
    sums = {}
    for name, (features, base) in OPTIONS.items():
        code, constants = sections(link(target, features, environment))
        sums[name] = code + constants
        more = f"{sums[name] - sums[base]:,} | {base.partition(':')[0]}" if base else "– | –"
        lines.append(f"| {name} | {code:,} | {constants:,} | {sums[name]:,} | {more} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("board_env", type=Path)
    parser.add_argument("host_env", type=Path)
    parser.add_argument("--targets", nargs="*", default=list(TARGETS))
    parser.add_argument("--options-of", metavar="TARGET", choices=TARGETS, default="thumbv7m-none-eabi")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()

    def environment_of(target):
        return (options.host_env if target.startswith("x86_64") else options.board_env).resolve()

    names = (*LAYERS, "other crates")
    lines = [
        "| target | TLS | code | constants | sum | " + " | ".join(names) + " |",
        "|---|---|---:|---:|---:|" + "---:|" * len(names),
    ]
    for target in options.targets:
        environment = environment_of(target)
        for tls, features in FEATURES.items():
            try:
                linked = link(target, features, environment)
            except (subprocess.CalledProcessError, FileNotFoundError) as error:
                print(f"{target}, TLS {tls}: {error}", file=sys.stderr)
                continue
            code, constants = sections(linked)
            by_layer = layers(linked)
            cells = [code, constants, code + constants, *(by_layer[name] for name in names)]
            lines.append(f"| {target} | {tls} | " + " | ".join(f"{cell:,}" for cell in cells) + " |")
    text = "\n".join(lines) + "\n"
    print(text)
    if options.output:
        write_section(options.output, "size", text)
    text = options_table(options.options_of, environment_of(options.options_of))
    print(text)
    if options.output:
        write_section(options.output, "options", text)


if __name__ == "__main__":
    main()
