#!/usr/bin/env python3
"""Puts the files of `make mpy` together for mip, in FOLDER/mip:    package.py FOLDER

A board that installs them asks for the file of its own processor (`sys.implementation._mpy`), so every
processor has a folder of MicroPython's name for it with a package.json, and install.py selects one.
"""

import json
import shutil
import sys
import tomllib
from pathlib import Path

import pack

ROOT = Path(__file__).resolve().parents[2]


def main():
    folder = Path(sys.argv[1])
    version = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))["package"]["version"]
    target = folder / "mip"
    shutil.rmtree(target, ignore_errors=True)
    for source in sorted(folder.glob("*/mqtt.mpy")):
        name = source.parent.name
        if name.removesuffix("-tls") not in pack.ARCHES:
            continue
        place = target / name
        place.mkdir(parents=True)
        shutil.copy(source, place)
        package = {"version": version, "urls": [["mqtt.mpy", "mqtt.mpy"]]}
        (place / "package.json").write_text(json.dumps(package) + "\n", encoding="utf-8")
    shutil.copy(Path(__file__).with_name("install.py"), target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
