"""umqtt.simple and umqtt.robust as published by their authors."""

import hashlib
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "bench"
SIMPLE = "micropython-umqtt.simple==1.3.4"
# It has an older umqtt.simple in it, too, which is not used.
ROBUST = "micropython-umqtt.robust==1.0"
SHA256 = {
    SIMPLE: "b6a2520239e3992c63a7de9370ee9b3d9d27819a90359c521f1c0f7ccab8d12f",
    ROBUST: "22a1b8c8e1128281efb13b3020927d07e33c5b747869da2cd77d37983a9ea002",
}
# Both modules lie here.
FOLDER = BUILD / SIMPLE.replace("==", "-")


def unpacked(package):
    """The folder of a package, in which `umqtt` lies."""
    name = package.replace("==", "-")
    archive = BUILD / f"{name}.tar.gz"
    if not archive.exists():
        subprocess.run([BUILD / "venv/bin/unearth", package, "--no-binary", "--download", BUILD],
                       check=True, stdout=subprocess.DEVNULL)
    if hashlib.sha256(archive.read_bytes()).hexdigest() != SHA256[package]:
        sys.exit(f"{archive} is not what it was: its SHA-256 is another")
    folder = BUILD / name
    if not folder.exists():
        with tarfile.open(archive) as tar:
            tar.extractall(BUILD, filter="data")
    return folder


def fetch():
    """The folder in which they lie."""
    unpacked(SIMPLE)
    robust = FOLDER / "umqtt" / "robust.py"
    if not robust.exists():
        shutil.copy(unpacked(ROBUST) / "umqtt" / "robust.py", robust)
    return FOLDER


if __name__ == "__main__":
    print(fetch())
