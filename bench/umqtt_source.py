"""umqtt.simple as published by its authors."""

import hashlib
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "bench"
PACKAGE = "micropython-umqtt.simple==1.3.4"
SHA256 = "b6a2520239e3992c63a7de9370ee9b3d9d27819a90359c521f1c0f7ccab8d12f"


def fetch():
    """The folder in which it lies."""
    archive = BUILD / f"{PACKAGE.replace('==', '-')}.tar.gz"
    if not archive.exists():
        subprocess.run([BUILD / "venv/bin/unearth", PACKAGE, "--no-binary", "--download", BUILD],
                       check=True, stdout=subprocess.DEVNULL)
    if hashlib.sha256(archive.read_bytes()).hexdigest() != SHA256:
        sys.exit(f"{archive} is not what it was: its SHA-256 is another")
    folder = BUILD / PACKAGE.replace("==", "-")
    if not folder.exists():
        with tarfile.open(archive) as tar:
            tar.extractall(BUILD, filter="data")
    return folder


if __name__ == "__main__":
    print(fetch())
