#!/usr/bin/env python3
"""Puts the files of `make mpy` together for mip, in TARGET:    package.py FOLDER TARGET [URL]

Every kind of processor has a folder of MicroPython's name for it, with mqtt.mpy and a package.json, and
install.py selects one on the board. So has each package of Python in port/lib. URL is where TARGET will be
found: the mip of MicroPython up to 1.25 needs whole addresses in a package.json. Without a URL they are
relative to it.
"""

import json
import shutil
import sys
from pathlib import Path

import pack

ROOT = Path(__file__).resolve().parents[2]
# The client for asyncio. A folder whose name ends so has it as bytecode, with the file that it needs.
CLIENT = ROOT / "port/python/mqtt_aio.py"
AIO = "-aio"
# Kinds of processor whose usual file has the steps of asyncio.
HAVE_AIO = ["x64"]
# The packages of Python, each with those that it needs.
LIBRARIES = {
    "umqtt.simple": ["umqtt.simple", "mqtt_ssl_params"],
    "umqtt.robust": ["umqtt.simple", "umqtt.robust", "mqtt_ssl_params"],
    "mqtt_as": ["mqtt_as", "mqtt_ssl_params"],
}


def version():
    for line in (ROOT / "Cargo.toml").read_text(encoding="utf-8").splitlines():
        if line.startswith("version = "):
            return line.split('"')[1]
    raise SystemExit("package.py: there is no version in Cargo.toml")


def pack_files(target, name, files, url):
    """Makes a folder with copies of these files, {path: source}, and the package.json that lists them."""
    urls = []
    for path, source in files.items():
        copy = target / name / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, copy)
        urls.append([path, f"{url}/{name}/{path}" if url else path])
    package = {"version": version(), "urls": urls}
    (target / name / "package.json").write_text(json.dumps(package) + "\n", encoding="utf-8")


def main():
    folder, target = map(Path, sys.argv[1:3])
    url = sys.argv[3] if len(sys.argv) > 3 else ""
    shutil.rmtree(target, ignore_errors=True)
    for source in sorted(folder.glob("*/mqtt.mpy")):
        name = source.parent.name
        if name.removesuffix(AIO).removesuffix("-tls").removesuffix("-lean") not in pack.ARCHES:
            continue
        if not name.endswith(AIO):
            pack_files(target, name, {"mqtt.mpy": source}, url)
        if name.endswith(AIO) or name in HAVE_AIO:
            # As bytecode: many boards have not the memory to compile it.
            files = {file: source.with_name(file) for file in ("mqtt.mpy", "mqtt_aio.mpy")}
            pack_files(target, name.removesuffix(AIO) + AIO, files, url)
    for name, needed in LIBRARIES.items():
        folders = [ROOT / "port/lib" / each for each in needed]
        files = {str(path.relative_to(folder)): path for folder in folders for path in sorted(folder.rglob("*.py"))}
        if name == "mqtt_as":
            # Firmware with the module has it, and takes its own first.
            files[CLIENT.name] = CLIENT
        pack_files(target, name, files, url)
    shutil.copy(Path(__file__).with_name("install.py"), target)
    # Alone, for those who copy files.
    shutil.copy(CLIENT, target)


if __name__ == "__main__":
    main()
