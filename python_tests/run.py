#!/usr/bin/env python3
"""Runs a MicroPython script on a target, and passes its output and exit status through.

    python3 python_tests/run.py --target unix examples/publish.py --define HOST=127.0.0.1

A definition takes the place of the script's own assignment to that name, if it makes one; otherwise it
becomes an assignment in front of the script. A value that is a Python literal is taken
as such, anything else as a string.
"""

import argparse
import ast
import math
import subprocess
import sys

from harness.targets import TARGETS, TargetMissing

TIMED_OUT = 124


def definition(text):
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise argparse.ArgumentTypeError(f"NAME=VALUE is wanted, not {text!r}")
    try:
        return name, ast.literal_eval(value)
    except (SyntaxError, ValueError):
        return name, value


def seconds(text):
    value = float(text)
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"more than 0 is wanted, not {text}")
    return value


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", default="unix", choices=TARGETS, help="where to run (default: unix)")
    parser.add_argument("--list", action="store_true", help="name the targets")
    parser.add_argument("--define", metavar="NAME=VALUE", type=definition, action="append", default=[])
    parser.add_argument("--timeout", metavar="S", type=seconds, help="end the script after so many seconds (exit status 124)")
    parser.add_argument("script", nargs="?")
    parser.add_argument("args", nargs="*", help="what the script finds in sys.argv[1:], after -- if an option is among it")
    words = sys.argv[1:]
    # Ours end here: argparse's own opinion of -- depends on its version.
    end = words.index("--") if "--" in words else len(words)
    options = parser.parse_intermixed_args(words[:end])
    options.args += words[end + 1 :]

    if options.list:
        for target in TARGETS.values():
            state = "built" if target.image.exists() else f"not built: {target.made_by}"
            print(f"{target.name:12} {state}")
        return 0
    if options.script is None:
        if not options.args:
            parser.error("a script is wanted")
        options.script = options.args.pop(0)
    target = TARGETS[options.target]
    # A target makes time limits longer that are meant for this machine; this one is not.
    limit = options.timeout and options.timeout / target.slowness
    try:
        result = target.run(options.script, dict(options.define), limit, options.args)
    except (TargetMissing, OSError) as error:
        print(f"run.py: {error}", file=sys.stderr)
        return 1
    except subprocess.TimeoutExpired:
        print(f"run.py: {options.script} did not end within {options.timeout:g} s", file=sys.stderr)
        return TIMED_OUT
    except KeyboardInterrupt:
        return 130
    # A signal that ended the script, as a shell puts it.
    return result.returncode if result.returncode >= 0 else 128 - result.returncode


if __name__ == "__main__":
    sys.exit(main())
