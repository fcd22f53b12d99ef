"""typings/mqtt.pyi is true: to the module, and to the examples."""

import ast
import re
import subprocess
import sys

import pytest
from harness.targets import ROOT

STUB = ROOT / "typings" / "mqtt.pyi"
CONFIG = ROOT / "typings" / "mypy.ini"
TREE = ast.parse(STUB.read_text(encoding="utf-8"))
CLASSES = {node.name: node for node in TREE.body if isinstance(node, ast.ClassDef)}
CLIENT, DELIVERY = CLASSES["Client"], CLASSES["Delivery"]


def functions():
    """Every function of the stub: its name in the list of methods, and its node. Of overloads, the last one
    has the defaults.
    """
    methods = [node for node in CLIENT.body if isinstance(node, ast.FunctionDef) and not is_attribute(node)]
    for node in {node.name: node for node in methods}.values():
        yield "new" if node.name == "__init__" else node.name, node
    for node in DELIVERY.body:
        # `await` needs no method when it runs.
        if isinstance(node, ast.FunctionDef) and node.name != "__await__":
            yield f"Delivery.{node.name}", node
    for node in TREE.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node


def parameters(function):
    """Name and default (`None` for none) of each parameter, as source text."""
    arguments = function.args
    assert not (arguments.posonlyargs or arguments.vararg or arguments.kwarg)
    required = len(arguments.args) - len(arguments.defaults)
    defaults = [None] * required + [ast.unparse(default) for default in arguments.defaults + arguments.kw_defaults]
    names = [argument.arg for argument in arguments.args + arguments.kwonlyargs]
    return [pair for pair in zip(names, defaults, strict=True) if pair[0] != "self"]


def named_only(function):
    """Names of the parameters that a call must name."""
    return [argument.arg for argument in function.args.kwonlyargs]


def is_attribute(function):
    return any(ast.unparse(decorator) == "property" for decorator in function.decorator_list)


def is_public(name):
    return name.startswith("__") or not name.startswith("_")


def constants():
    """Names and values of the stub's constants; `None` where it only gives a type."""
    for node in TREE.body:
        if isinstance(node, ast.AnnAssign) and is_public(node.target.id):
            yield node.target.id, node.value and ast.literal_eval(node.value)


LIST_ENTRY = re.compile(
    r"(?P<head>CONSTRUCTOR|(?P<delivery>DELIVERY_)?(?:PLAIN_)?METHOD|FUNCTION)\((?P<function>\w+)\)"
    r"|ATTRIBUTE\((?P<attribute>\w+)\)"
    r"|REQUIRED\((?P<required>\w+)\)"
    r"|(?P<kind>OPTIONAL|KEYWORD)\((?P<optional>\w+), (?:(?P<word>NONE|TRUE|FALSE)|(?P<text>EMPTY)|INT\((?P<number>[^)]+)\))\)"
    r"|END\((?P<end>\w+)\)"
)


def listed():
    """The list of port/mqtt_methods.h: {function: [(parameter, default)]}, the names of the parameters that
    a call must name by function, and the attributes.
    """
    constants = (ROOT / "port" / "modmqtt.h").read_text(encoding="utf-8")
    numbers = {name: int(value) for name, value in re.findall(r"^#define (\w+) \((\d+)\)$", constants, re.MULTILINE)}
    entries = (ROOT / "port" / "mqtt_methods.h").read_text(encoding="utf-8")
    found, keywords, attributes = {}, {}, []
    open_function = None
    for line in entries.splitlines():
        if line.strip().startswith(("#", "//")) or not line.strip():
            continue
        entry = LIST_ENTRY.fullmatch(line.strip())
        assert entry, line
        if entry["head"]:
            function = f"Delivery.{entry['function']}" if entry["delivery"] else entry["function"]
            assert open_function is None and function not in found, line
            found[function], keywords[function] = [], []
            open_function = None if "PLAIN_METHOD" in entry["head"] else function
            continue
        if entry["attribute"]:
            attributes.append(entry["attribute"])
            continue
        if entry["kind"] == "KEYWORD":
            keywords[open_function].append(entry["optional"])
        elif entry["optional"] or entry["required"]:
            assert not keywords[open_function], line
        if entry["end"]:
            assert entry["end"] == open_function.removeprefix("Delivery."), line
            open_function = None
        elif entry["required"]:
            found[open_function].append((entry["required"], None))
        elif entry["word"]:
            found[open_function].append((entry["optional"], entry["word"].title()))
        elif entry["text"]:
            found[open_function].append((entry["optional"], repr("")))
        else:
            found[open_function].append((entry["optional"], str(eval(entry["number"], {}, numbers))))
    assert open_function is None
    return found, keywords, attributes


def test_parameters_and_defaults_are_those_of_the_module():
    found, keywords, attributes = listed()
    # Those for mqtt_aio alone are no part of the stub.
    for private in [name for name in found if not is_public(name)]:
        del found[private], keywords[private]
    assert {name: parameters(node) for name, node in functions()} == found
    assert {name: named_only(node) for name, node in functions()} == keywords
    assert [node.name for node in CLIENT.body if isinstance(node, ast.FunctionDef) and is_attribute(node)] == attributes


def test_names_and_values_are_those_of_the_module(run_script):
    names = [node.name for node in TREE.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    names = sorted(filter(is_public, names))
    methods = sorted({node.name for node in CLIENT.body if isinstance(node, ast.FunctionDef)} - {"__init__"})
    calls = [(name, parameters(node), named_only(node)) for name, node in functions()]
    run_script("stubs", NAMES=names, METHODS=methods, CONSTANTS=list(constants()), CALLS=calls)


def test_everything_has_a_docstring():
    public = [TREE, CLIENT, DELIVERY, *(node for _, node in functions())]
    assert all(ast.get_docstring(node) for node in public)
    lines = STUB.read_text(encoding="utf-8").splitlines()
    for node in TREE.body:
        if isinstance(node, ast.AnnAssign) and is_public(node.target.id):
            assert lines[node.end_lineno].startswith('"""'), node.target.id


def mypy(*arguments):
    command = [sys.executable, "-m", "mypy", "--config-file", str(CONFIG), *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_the_examples_are_typed():
    result = mypy()
    assert result.returncode == 0, result.stdout


def test_both_kinds_of_tls_contexts_are_typed(tmp_path):
    program = tmp_path / "program.py"
    program.write_text("""\
import mqtt
import tls
client = mqtt.Client("x")
client.connect("h", 30, ssl_ctx=tls.SSLContext(tls.PROTOCOL_TLS_CLIENT))
client.connect("h", 30, ssl_ctx=mqtt.create_ssl_context("ca"))
""")
    result = mypy(program)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    "statement, fault",
    [
        ("client.publish('t', 3)", "[call-overload]"),
        ("client.publish('t', 'p', 1, True, 5)", "[call-overload]"),
        ("client.publish('t', wait=True).done()", "[attr-defined]"),
        ("client.publish('t', qos=1, wait=False).wait('long')", "[arg-type]"),
        ("client.subscribe('t', print, 1, True)", "[call-overload]"),
        ("client.subscribe('t', print, into=b'buffer')", "[call-overload]"),
        ("client.connect('h')", "[call-arg]"),
        ("client.connect('h', 30, ssl_ctx=True)", "[arg-type]"),
        ("client.open('h', 30)", "[attr-defined]"),
        ("client.message.qos + 1", "[union-attr]"),
        ("client.failure = None", "[misc]"),
        ("mqtt.create_ssl_context('', '', '', '', 20, ['mqtt'])", "[call-arg]"),
        ("mqtt.Client(clean_session=True)", "[call-arg]"),
        ("client.get_return_code() + 1", "[operator]"),
        ("mqtt.RECOVERED = 2", "[misc]"),
    ],
)
def test_the_stubs_find_mistakes(tmp_path, statement, fault):
    program = tmp_path / "program.py"
    program.write_text(f"import mqtt\nclient = mqtt.Client('x')\n{statement}\n")
    result = mypy(program)
    assert result.returncode == 1 and fault in result.stdout, result.stdout
    assert ":3: error:" in result.stdout and "Found 1 error" in result.stdout, result.stdout
