"""The licences of the crates and of the C sources that an image links, with their texts."""

import json
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FEATURES = "outbox,into,store,tls-ed25519,tls-rsa,tls-p384"
NAMES = re.compile(r"(LICEN[CS]E|COPYING|COPYRIGHT|NOTICE)", re.IGNORECASE)


def run(*command):
    """The output of a command of cargo or rustc."""
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout


def crates():
    """(name, version, licence, folder) of each crate that an image with all options links."""
    metadata = json.loads(run("cargo", "metadata", "--locked", "--format-version", "1", "--all-features"))
    packages = {(package["name"], package["version"]): package for package in metadata["packages"]}
    tree = ["cargo", "tree", "--locked", "--edges", "normal", "--prefix", "none", "--target", "all"]
    lines = run(*tree, "--features", FEATURES, "--format", "{p}").splitlines()
    found = sorted({(name, version) for name, version in re.findall(r"^(\S+) v(\S+)", "\n".join(lines), re.MULTILINE)})
    for name, version in found:
        package = packages[name, version]
        if package["source"]:
            yield name, version, package["license"], Path(package["manifest_path"]).parent


def c_sources(micropython):
    """(name, licence, folder) of each C source that some image links."""
    sources = ROOT / "build" / "src"
    yield "MicroPython", "MIT", micropython
    yield "Mbed TLS", "Apache-2.0", micropython / "lib" / "mbedtls"
    for name, licence, pattern in (
        ("lwIP", "BSD-3-Clause", "lwip-*"),
        ("Raspberry Pi Pico SDK", "BSD-3-Clause", "pico-sdk-*"),
        ("TinyUSB", "MIT", "tinyusb-*"),
    ):
        for folder in sorted(sources.glob(pattern)):
            yield name, licence, folder


def texts(folder):
    """The texts of the licence files in a folder. Debian's packages of sources have theirs beside the sources."""
    files = sorted(path for path in folder.glob("*") if path.is_file() and NAMES.match(path.name))
    if files:
        return [path.read_text(encoding="utf-8", errors="replace").strip() for path in files]
    name = re.sub(r"-[\d.]+$", "", folder.name)
    for package in sorted((ROOT / "build" / "src" / "downloads").glob(f"{name}-source_*.deb")):
        archive = subprocess.run(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE, check=True).stdout
        member = f"./usr/share/doc/{name}-source/copyright"
        return [subprocess.run(["tar", "-xO", member], input=archive, stdout=subprocess.PIPE, check=True).stdout.decode()]
    return []


def document(micropython):
    """The whole text. Each licence text stands there once, below the names of all that have it."""
    parts = [(f"{name} {version}", licence, folder) for name, version, licence, folder in crates()]
    parts += list(c_sources(micropython))
    owners, lines = {}, ["The images and files of this release contain code under these licences.", ""]
    lines.append("  Rust's core library: MIT OR Apache-2.0")
    for name, licence, folder in parts:
        lines.append(f"  {name}: {licence}")
        for text in texts(folder):
            owners.setdefault(text, []).append(name)
    for text, names in owners.items():
        lines += ["", "=" * 80, ", ".join(names), "=" * 80, "", text]
    return "\n".join(lines) + "\n"
