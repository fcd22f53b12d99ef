#!/usr/bin/env python3
"""Measures how much of codec and session the Rust tests run, and prints it for each file.

    .ci/coverage.py FOLDER [--at-least PERCENT]

FOLDER gets everything that is built. The tests run with the compiler's own instrumentation
(`-C instrument-coverage`); the tools that read its profiles are the `llvm-tools` of the same
toolchain. With --at-least the script fails if codec or session has fewer lines covered.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LAYERS = ("codec", "session")


def tool(name):
    """The path of one of the toolchain's LLVM tools."""
    library = subprocess.run(
        ["rustc", "--print", "target-libdir"], cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True
    ).stdout.strip()
    path = pathlib.Path(library).parent / "bin" / name
    if not path.exists():
        sys.exit(f"{name} is missing: rustup component add llvm-tools")
    return path


def build_tests(folder):
    """Builds the tests; returns their programs."""
    environment = {**os.environ, "RUSTFLAGS": "-C instrument-coverage", "LLVM_PROFILE_FILE": os.devnull}
    command = ["cargo", "test", "--quiet", "--no-run", "--target-dir", folder / "target", "--message-format=json",
               "--features", "v5"]
    built = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True, text=True)
    messages = map(json.loads, built.stdout.splitlines())
    return [message["executable"] for message in messages if message.get("executable")]


def measure(programs, folder):
    """Runs the tests; returns {file: (lines, lines that ran)} of the layers."""
    for profile in folder.glob("*.profraw"):
        profile.unlink()
    environment = {**os.environ, "LLVM_PROFILE_FILE": str(folder / "%p-%m.profraw"), "CARGO_MANIFEST_DIR": str(ROOT)}
    for program in programs:
        subprocess.run([program, "--quiet"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, check=True)
    merged = folder / "tests.profdata"
    subprocess.run([tool("llvm-profdata"), "merge", "-sparse", "-o", merged, *folder.glob("*.profraw")], check=True)
    objects = [part for program in programs for part in ("-object", program)][1:]
    command = [tool("llvm-cov"), "export", "-summary-only", "-instr-profile", merged, *objects]
    exported = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
    found = {}
    for file in json.loads(exported)["data"][0]["files"]:
        path = pathlib.Path(file["filename"])
        if path.is_relative_to(ROOT / "src"):
            layer, *rest = path.relative_to(ROOT / "src").parts
            if layer in LAYERS and "tests" not in rest:
                lines = file["summary"]["lines"]
                found[path.relative_to(ROOT)] = (lines["count"], lines["covered"])
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--at-least", type=float, metavar="PERCENT", help="fail if a layer has less")
    options = parser.parse_args()
    folder = options.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    found = measure(build_tests(folder), folder)
    failed = False
    for layer in LAYERS:
        files = {path: counts for path, counts in sorted(found.items()) if path.parts[1] == layer}
        if not files:
            sys.exit(f"no file of src/{layer} was measured")
        for path, (lines, covered) in files.items():
            print(f"{100 * covered / max(lines, 1):6.1f} %  {covered:4} of {lines:4} lines  {path}")
        lines, covered = (sum(counts) for counts in zip(*files.values(), strict=True))
        percent = 100 * covered / lines
        print(f"{percent:6.1f} %  {covered:4} of {lines:4} lines  src/{layer}")
        failed |= options.at_least is not None and percent < options.at_least
    if failed:
        sys.exit(f"less than {options.at_least} %")


if __name__ == "__main__":
    main()
