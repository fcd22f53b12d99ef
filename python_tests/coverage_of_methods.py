#!/usr/bin/env python3
"""Prints which tests call which public function of the module and method of its Client.

    python3 python_tests/coverage_of_methods.py                 all of them
    python3 python_tests/coverage_of_methods.py publish loop    these

It reads the tests, the scripts that they run and the cases of these, and runs nothing. Programs in the
documentation and in examples/ do not count. The exit status is 1 when something has no test.
"""

import argparse
import ast
import functools
import re
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent
STUB = TESTS.parent / "typings" / "mqtt.pyi"
RUNNERS = {"run_script", "run_tls", "play"}
CONSTRUCTOR = "Client"


def public_names():
    """The functions and methods, in the order of the stub."""
    names = []
    for node in ast.parse(STUB.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            names.append(node.name)
        elif isinstance(node, ast.ClassDef) and node.name == CONSTRUCTOR:
            names.append(CONSTRUCTOR)
            methods = [item.name for item in node.body if isinstance(item, ast.FunctionDef)]
            names += [name for name in methods if not name.startswith("_")]
    return names


@functools.cache
def parsed(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def functions_of(path):
    """The functions and classes at the top of a file, by name."""
    return {node.name: node for node in parsed(path).body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}


def closure(names, functions):
    """The functions of these names, and those that they refer to."""
    found, left = {}, list(names)
    while left:
        name = left.pop()
        if name in functions and name not in found:
            node = found[name] = functions[name]
            left += [item.id for item in ast.walk(node) if isinstance(item, ast.Name)]
            left += [argument.arg for item in ast.walk(node) if isinstance(item, ast.arguments) for argument in item.args]
    return found


def called_in_script(path, cases):
    """The attributes that a script uses; of a script with cases only in these, and in the functions that they
    use."""
    functions = functions_of(path)
    top = [node for node in parsed(path).body if getattr(node, "name", None) not in functions]
    chosen = [name for name in cases if name in functions]
    selects = any(isinstance(node, ast.Name) and node.id == "CASE" for node in ast.walk(parsed(path)))
    begin = chosen if selects and chosen else list(functions)
    begin += [node.id for statement in top for node in ast.walk(statement) if isinstance(node, ast.Name)]
    nodes = [*top, *closure(begin, functions).values()]
    return {item.attr for node in nodes for item in ast.walk(node) if isinstance(item, ast.Attribute)}


def strings(node):
    return [item.value for item in ast.walk(node) if isinstance(item, ast.Constant) and isinstance(item.value, str)]


def called_in_text(text):
    """The methods that source text within a test calls."""
    return set(re.findall(r"\.(\w+)\(", text)) if "mqtt" in text or "client." in text or "c." in text else set()


def script_named(name, folder):
    path = (TESTS if "/" in name else folder) / f"{name.removesuffix('.py')}.py"
    return path if path.is_file() and not path.name.startswith(("test_", "conftest")) else None


def called_by(path, test, helpers, constants):
    """The functions and methods that one test calls on the target."""
    chain = {**closure([test.name], {**helpers, test.name: test})}
    names, cases = [], []
    for node in chain.values():
        for call in (item for item in ast.walk(node) if isinstance(item, ast.Call)):
            words = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
            words = [word for word in words if isinstance(word, str)]
            if getattr(call.func, "id", None) in RUNNERS or getattr(call.func, "attr", None) == "with_name":
                names += words[:1]
            cases += words[:1]
            cases += [word for keyword in call.keywords if keyword.arg == "CASE" for word in strings(keyword.value)]
        for decorator in getattr(node, "decorator_list", []):
            cases += strings(decorator)
            names += [word for word in strings(decorator) if "/" in word]
            cases += [
                word
                for item in ast.walk(decorator)
                if isinstance(item, ast.Name) and item.id in constants
                for text in strings(constants[item.id])
                for word in text.split()
            ]
    called = set()
    for name in names:
        script = script_named(name, path.parent)
        if script is not None:
            called |= called_in_script(script, cases)
    # Source text for the raw REPL of a board.
    left = [item.id for node in chain.values() for item in ast.walk(node) if isinstance(item, ast.Name)]
    texts = [text for node in chain.values() for text in strings(node)]
    seen = set()
    while left:
        name = left.pop()
        if name in constants and name not in seen:
            seen.add(name)
            texts += strings(constants[name])
            left += [item.id for item in ast.walk(constants[name]) if isinstance(item, ast.Name)]
    for text in texts:
        called |= called_in_text(text)
    return called


def coverage():
    """Every public name, with the tests that call it."""
    table = {name: [] for name in public_names()}
    for path in sorted(TESTS.glob("*/test_*.py")):
        functions = functions_of(path)
        fixtures = [parent / "conftest.py" for parent in (TESTS, path.parent) if (parent / "conftest.py").exists()]
        helpers = {name: node for file in fixtures for name, node in functions_of(file).items()}
        helpers.update({name: node for name, node in functions.items() if not name.startswith("test_")})
        constants = {
            target.id: node.value
            for node in parsed(path).body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for name, node in functions.items():
            if name.startswith("test_"):
                for called in called_by(path, node, helpers, constants) & set(table):
                    table[called].append(f"{path.relative_to(TESTS)}::{name}")
    return table


def main():
    table = coverage()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(table)}")
    wanted = parser.parse_args().names or list(table)
    unknown = [name for name in wanted if name not in table]
    if unknown:
        parser.error(f"there is no {', '.join(unknown)}")
    for name in wanted:
        print(f"{name}: {len(table[name])} tests")
        for test in table[name]:
            print(f"    {test}")
    without = [name for name in wanted if not table[name]]
    if without:
        print(f"without a test: {', '.join(without)}")
    return 1 if without else 0


if __name__ == "__main__":
    sys.exit(main())
