#!/usr/bin/env python3
"""Checks that a tag fits the source, and prints the section of CHANGELOG.md for its version.

    .ci/release_notes.py v0.1.0

Fails if the tag is not `v` and the version in Cargo.toml, or if CHANGELOG.md has no section for that
version with anything in it.
"""

import pathlib
import re
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent


def section(changelog, version):
    """The text below the heading of a version, up to the next version."""
    found = re.search(rf"^## {re.escape(version)}\b[^\n]*\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
    return found[1].strip() if found else ""


def main():
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} TAG")
    (tag,) = sys.argv[1:]
    version = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))["package"]["version"]
    if tag != f"v{version}":
        sys.exit(f"the tag is {tag}, but Cargo.toml has version {version}: the tag must be v{version}")
    notes = section((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), version)
    if not notes:
        sys.exit(f"CHANGELOG.md has no section with the changes of {version}")
    print(notes)


if __name__ == "__main__":
    main()
