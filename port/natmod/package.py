#!/usr/bin/env python3
"""Puts the files of `make mpy` together for mip, in TARGET:    package.py FOLDER TARGET [URL]

Every kind of processor has a folder of MicroPython's name for it, with mqtt.mpy and a package.json, and
install.py selects one on the board. URL is where TARGET will be found: the mip of MicroPython up to 1.25
needs whole addresses in a package.json. Without a URL they are relative to it.
"""

import json
import shutil
import sys
from pathlib import Path

import pack

ROOT = Path(__file__).resolve().parents[2]


def version():
    for line in (ROOT / "Cargo.toml").read_text(encoding="utf-8").splitlines():
        if line.startswith("version = "):
            return line.split('"')[1]
    raise SystemExit("package.py: there is no version in Cargo.toml")


def main():
    folder, target = map(Path, sys.argv[1:3])
    url = sys.argv[3] if len(sys.argv) > 3 else ""
    shutil.rmtree(target, ignore_errors=True)
    for source in sorted(folder.glob("*/mqtt.mpy")):
        name = source.parent.name
        if name.removesuffix("-tls") not in pack.ARCHES:
            continue
        place = target / name
        place.mkdir(parents=True)
        shutil.copy(source, place)
        address = f"{url}/{name}/mqtt.mpy" if url else "mqtt.mpy"
        package = {"version": version(), "urls": [["mqtt.mpy", address]]}
        (place / "package.json").write_text(json.dumps(package) + "\n", encoding="utf-8")
    shutil.copy(Path(__file__).with_name("install.py"), target)


if __name__ == "__main__":
    main()
