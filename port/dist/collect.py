#!/usr/bin/env python3
"""Makes a release of all that is built, in build/dist:    collect.py MPY_DIR

build/dist/VERSION has the interpreter, the firmware images, the .mpy files, the stubs with their package, the
licences, the list of components (SBOM), the site of the documentation, checksums, and release.json, which describes
these files for build/dist/index.html. Other releases that are in build/dist stay there, and on that page.
"""

import hashlib
import json
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import check
import licences
import page

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
HERE = Path(__file__).parent
IMAGES = ("uf2", "bin", "hex", "elf")


def micropython_version(tree):
    """The version in py/mpconfig.h."""
    header = (tree / "py" / "mpconfig.h").read_text(encoding="utf-8")
    numbers = dict(re.findall(r"^#define MICROPY_VERSION_(MAJOR|MINOR|MICRO) \(?(\d+)\)?", header, re.MULTILINE))
    return "{MAJOR}.{MINOR}.{MICRO}".format(**numbers)


def images():
    """(board, file) of each firmware with the module. A board has one: the kind of file that a user copies to it."""
    found = {}
    for kind in reversed(IMAGES):
        # build/images has those that were built elsewhere: a folder for each board.
        for image in [*BUILD.glob(f"*/firmware.{kind}"), *BUILD.glob(f"images/*/firmware.{kind}")]:
            board = image.parent.name
            # Images without the module serve comparison only. Those of the qemu port, of the processor of an ESP32 in
            # QEMU and of benchmarks serve tests only.
            if not re.search(r"^qemu-|^xtensa$|-(bare|bench|bench-tls)$", board):
                found[board] = image
    return sorted(found.items())


def collect_files(folder, stem):
    """Copies the interpreter, the images and the files for mip; for each board its file."""
    interpreter = f"{stem}-{platform.system().lower()}-{platform.machine()}"
    shutil.copy(BUILD / "unix" / "micropython", folder / interpreter)
    files = {"unix": interpreter}
    for board, image in images():
        files[board] = f"{stem}-{board}{image.suffix}"
        shutil.copy(image, folder / files[board])
    if (BUILD / "mpy" / "mip").exists():
        shutil.copytree(BUILD / "mpy" / "mip", folder, dirs_exist_ok=True)
    for stub in ("mqtt.pyi", "mqtt_aio.pyi", "mqtt_as.pyi"):
        shutil.copy(ROOT / "typings" / stub, folder)
    shutil.copy(ROOT / "LICENSE", folder)
    return files


def build_stubs(folder, version):
    """Builds the package of the stubs, and has twine check it."""
    with tempfile.TemporaryDirectory() as temporary:
        source = Path(temporary)
        shutil.copytree(HERE / "stubs", source, dirs_exist_ok=True)
        settings = (source / "pyproject.toml").read_text(encoding="utf-8")
        (source / "pyproject.toml").write_text(settings.replace('version = "0"', f'version = "{version}"'), encoding="utf-8")
        shutil.copy(ROOT / "LICENSE", source)
        (source / "mqtt-stubs").mkdir()
        shutil.copy(ROOT / "typings" / "mqtt.pyi", source / "mqtt-stubs" / "__init__.pyi")
        tool([sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, source])
    packages = [*folder.glob("micropython_mqtt_stubs-*")]
    assert len(packages) == 2, packages
    tool([sys.executable, "-m", "twine", "check", "--strict", *packages])


def tool(command):
    """Runs a tool, and shows its output if it fails."""
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if result.returncode != 0:
        sys.exit(f"{result.stdout}\n{' '.join(map(str, command))} failed")


def components(tree):
    """The list of components in CycloneDX's format: the crates with their checksums, and the C sources."""
    lock = tomllib.loads((ROOT / "Cargo.lock").read_text(encoding="utf-8"))["package"]
    sums = {(package["name"], package["version"]): package.get("checksum") for package in lock}
    listed = [
        {
            "type": "library",
            "name": name,
            "version": version,
            "purl": f"pkg:cargo/{name}@{version}",
            "licenses": [{"expression": licence.replace("/", " OR ")}],
            "hashes": [{"alg": "SHA-256", "content": sums[name, version]}],
        }
        for name, version, licence, _ in licences.crates()
    ]
    for name, licence, folder in licences.c_sources(tree):
        version = micropython_version(tree) if name == "MicroPython" else re.search(r"[\d.]*$", folder.name)[0]
        entry = {"type": "library", "name": name, "licenses": [{"expression": licence}]}
        listed.append({**entry, **({"version": version} if version else {})})
    return listed


def checksums(folder):
    """The SHA-256 sums of all files of a release but the site of the documentation, by name."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.relative_to(folder).parts[0] != "docs")
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def main():
    tree = Path(sys.argv[1]).resolve()
    version = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))["package"]["version"]
    micropython = micropython_version(tree)
    folder = BUILD / "dist" / version
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    files = collect_files(folder, f"micropython-{micropython}-mqtt-{version}")
    build_stubs(folder, version)
    (folder / "LICENCES.txt").write_text(licences.document(tree), encoding="utf-8")
    bom = {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": components(tree)}
    bom["metadata"] = {"component": {"type": "firmware", "name": "mqtt", "version": version}}
    (folder / f"mqtt-{version}.cdx.json").write_text(json.dumps(bom, indent=1) + "\n", encoding="utf-8")
    sums = checksums(folder)
    (folder / "SHA256SUMS").write_text("".join(f"{digest}  {name}\n" for name, digest in sums.items()), encoding="utf-8")
    if (BUILD / "docs").exists():
        shutil.copytree(BUILD / "docs", folder / "docs")
    sizes = {name: (folder / name).stat().st_size for name in sums}
    release = {"version": version, "micropython": micropython, "boards": files, "sums": sums, "sizes": sizes}
    (folder / "release.json").write_text(json.dumps(release, indent=1) + "\n", encoding="utf-8")
    page.write(BUILD / "dist")
    problems = check.problems(BUILD / "dist")
    if problems:
        sys.exit("\n".join(problems))
    print(f"  DIST     build/dist/index.html, {len(sums)} files in build/dist/{version}")


if __name__ == "__main__":
    main()
