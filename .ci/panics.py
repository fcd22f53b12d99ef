#!/usr/bin/env python3
"""Checks that the module without TLS, as a small board gets it, can neither panic nor format.

    python3 .ci/panics.py CARGO_ENV FOLDER

CARGO_ENV is the environment that a firmware build has left behind, FOLDER gets the files that are built. The
Rust side is built for this machine with a microcontroller's profile and linked as firmware links it:
code that no entry point needs is left out. Then neither `core::panicking` nor `core::fmt` may be left. A
probe that does panic is put through the same check first: it has to be found. tests/panics has entry
points into all of the codec of MQTT 5, of which the module uses a part.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# As both of Rust's manglings have them.
FORBIDDEN = re.compile(r"4core(9panicking|3fmt)|rust_begin_unwind")
PROBE = """
#![no_std]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! { loop {} }
/// # Safety
/// None: never called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqtt_client_probe(list: &[u8; 4], index: usize) -> u8 { list[index] }
"""


def run(*command, **options):
    return subprocess.run([str(word) for word in command], check=True, cwd=ROOT, **options)


def entry_points():
    return run(ROOT / "port/rust_entries.sh", "outbox", stdout=subprocess.PIPE, text=True).stdout.split()


def forbidden_symbols(library, entries, folder):
    """The symbols of panics and formatting that stay when the entry points are linked with the code that they
    need."""
    linked = folder / "linked.o"
    roots = [word for entry in entries for word in ("-u", entry)]
    run("ld", "-r", "--gc-sections", "-o", linked, *roots, library)
    symbols = run("readelf", "-sW", linked, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    names = [fields[7] for fields in map(str.split, symbols) if len(fields) == 8]
    missing = [entry for entry in entries if entry not in names]
    if missing:
        sys.exit(f"{library} has no {missing[0]}")
    return sorted(name for name in names if FORBIDDEN.search(name))


def main():
    environment, folder = sys.argv[1], Path(sys.argv[2]).resolve()
    folder.mkdir(parents=True, exist_ok=True)

    probe = folder / "probe.rs"
    probe.write_text(PROBE, encoding="utf-8")
    run("rustc", "--edition", "2024", "--crate-type", "staticlib", "-C", "panic=abort", "-C", "opt-level=z",
        "-o", folder / "libprobe.a", probe)
    if not forbidden_symbols(folder / "libprobe.a", ["mqtt_client_probe"], folder):
        sys.exit("the check does not find a panic where there is one")

    # Bindgen, as in port/rust_library.sh.
    crates = Path(environment).resolve().parent / "target/release-fast"
    if crates.exists() and not (folder / "release").exists():
        shutil.copytree(crates, folder / "release", symlinks=True)

    host = re.search(r"^host: (.*)$", run("rustc", "-vV", stdout=subprocess.PIPE, text=True).stdout, re.MULTILINE)[1]
    run("sh", "-c", '. "$1" && exec cargo rustc --quiet --locked --lib --crate-type staticlib --features '
         'micropython,outbox,into,store,aio,v5 '
        '--profile release --target "$2" --target-dir "$3"', "sh", Path(environment).resolve(), host, folder)
    found = forbidden_symbols(folder / host / "release/libmqtt.a", entry_points(), folder)
    if found:
        sys.exit("The module without TLS can panic, or formats text:\n  " + "\n  ".join(found))
    run("cargo", "build", "--quiet", "--locked", "--release", "--manifest-path", ROOT / "tests/panics/Cargo.toml",
        "--target", host, "--target-dir", folder)
    library = folder / host / "release/libmqtt_panics.a"
    found = forbidden_symbols(library, ["mqtt_panics_decode", "mqtt_panics_encode"], folder)
    if found:
        sys.exit("The codec of MQTT 5 can panic, or formats text:\n  " + "\n  ".join(found))
    print("The module without TLS and the codec of MQTT 5 refer to neither core::panicking nor core::fmt.")


if __name__ == "__main__":
    main()
