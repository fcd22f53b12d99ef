#!/usr/bin/env python3
"""Lists the names (qstrs) of a native module:    names.py HEADER COMPILER... < list of C files

The compiler expands the files' macros; every MP_QSTR_name and NATMOD_NAME_name in the result is a name.
The header gives each its place in the module's table. C reads the qstr from there, and Rust passes the
place itself. The place 0 is that of the source's name, which the loader wants.
"""

import re
import subprocess
import sys
from pathlib import Path

NAME = re.compile(r"\b(?:MP_QSTR|NATMOD_NAME)_(\w*)")


def names_in(compiler, sources):
    found = set()
    for source in sources:
        command = [*compiler, "-DNATMOD_SCAN", "-E", "-P", source]
        expanded = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        found.update(NAME.findall(expanded))
    return sorted(found)


def header(names):
    lines = ["// Made by names.py.", "#if defined(NATMOD_SCAN)", "#elif defined(NATMOD_BINDGEN)", "enum {"]
    lines += [f"    MP_QSTR_{name} = {place}," for place, name in enumerate(names, 1)]
    lines += ["};", "#else", "enum {"]
    lines += [f"    NATMOD_NAME_{name} = {place}," for place, name in enumerate(names, 1)]
    lines += ["};"]
    lines += [f"#define MP_QSTR_{name} (mqtt_links.names[NATMOD_NAME_{name}])" for name in names]
    lines += ["#endif", ""]
    return "\n".join(lines)


def main():
    target, *compiler = sys.argv[1:]
    text = header(names_in(compiler, sys.stdin.read().split()))
    # A build takes place only if something has changed.
    if not Path(target).exists() or Path(target).read_text(encoding="utf-8") != text:
        Path(target).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
