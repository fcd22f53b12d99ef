"""The targets that a script can run on, and how it is run there.

A kind of target is a class; a target is an instance of it in `TARGETS`. Everything else asks for
a target by its name, and uses `run` or `popen`.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
import weakref
from pathlib import Path

from harness import modules, native_module, processes, qemu, rp2040, tls_scripts, versions

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "python_tests"


class TargetMissing(Exception):
    """The target is not built. The text says which command builds it."""


class Target:
    """Something that runs MicroPython scripts.

    A subclass says what to build (`made_by`), where it lies (`image`), how the target reaches
    this machine's loopback (`host`), and implements `popen`.
    """

    host = "127.0.0.1"
    # Time limits are for a PC. A slower target multiplies them.
    slowness = 1
    # Bytes of one object for which a script surely has the memory.
    largest = 1 << 22
    # Clients for which it surely has the memory at the same time.
    clients = 8

    def __init__(self, name, image, made_by):
        self.name = name
        self.image = ROOT / image
        self.made_by = made_by

    def check(self):
        if not self.image.exists():
            raise TargetMissing(f"target {self.name} is not built: `{self.made_by}` builds it")

    def popen(self, script, defines=None, args=(), **options):
        """Starts a script. `options` are those of `subprocess.Popen`."""
        raise NotImplementedError

    def run(self, script, defines=None, timeout=None, args=(), **options):
        """Runs a script to its end; returns a `subprocess.CompletedProcess`.

        After `timeout` seconds it is killed, and `subprocess.TimeoutExpired` raised, with its output
        until then.
        """
        if timeout is not None:
            timeout *= self.slowness
        with self.popen(script, defines, args, **options) as process:
            try:
                stdout, stderr = process.communicate(timeout=timeout)
            except subprocess.TimeoutExpired as late:
                process.kill()
                late.output, late.stderr = process.communicate()
                raise
            except BaseException:
                process.kill()
                raise
        return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)


class Unix(Target):
    """MicroPython's unix port."""

    # Variables of the environment that the interpreter needs.
    environment = {}
    # Where the interpreter finds further modules.
    modules = ()

    def popen(self, script, defines=None, args=(), **options):
        self.check()
        script = Path(script)
        folder = tempfile.mkdtemp(prefix="mqtt-run-")
        try:
            # Under its own name, for the sake of tracebacks.
            copy = Path(folder, script.name)
            copy.write_text(prepared(script, defines or {}), encoding="utf-8")
            # The modules beside the script are still to be found.
            env = dict(options.pop("env", None) or os.environ)
            env.update(self.environment)
            env["MICROPYPATH"] = ":".join(map(str, (script.resolve().parent, *self.modules, ".frozen")))
            heap = _HEAP.search(script.read_text(encoding="utf-8"))
            flags = ["-X", f"heapsize={heap[1]}"] if heap else []
            process = processes.start([str(self.image), *flags, str(copy), *args], env=env, **options)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        weakref.finalize(process, shutil.rmtree, folder, True)
        return process


class UnixAsan(Unix):
    """The unix port with AddressSanitizer, which ends it with a report at the first error."""

    slowness = 4
    # Memory that is live at the end is no leak: MicroPython gives its heap back as a whole.
    environment = {"ASAN_OPTIONS": "detect_leaks=0:detect_stack_use_after_return=0"}


class UnixMpy(Unix):
    """MicroPython's unix port without the module, and the module as a native .mpy file."""

    file = ROOT / "build/mpy/x64/mqtt.mpy"
    modules = (file.parent,)

    def check(self):
        super().check()
        if not self.file.exists():
            raise TargetMissing(f"target {self.name} has no mqtt.mpy: `{self.made_by}` builds it")


# A script may say how large its heap is to be, where that can be chosen.
_HEAP = re.compile(r"^# heap: (\w+)$", re.MULTILINE)


class EmulatedBoard(Target):
    """A board in an emulator; `runner` is the module that runs a script there. With the flavour `mpy` its
    firmware is without the module, which takes a part of the heap as a native .mpy file.
    """

    runner = None

    def check(self):
        super().check()
        if not all(file.exists() for file in native_module.files_for(self.name)):
            raise TargetMissing(f"target {self.name} has no mqtt.mpy: `{self.made_by}` builds it")

    def popen(self, script, defines=None, args=(), **options):
        self.check()
        script = Path(script)
        folder = tempfile.mkdtemp(prefix="mqtt-run-")
        try:
            copy = Path(folder, script.name)
            copy.write_text(prepared(script, defines or {}), encoding="utf-8")
            command = [sys.executable, "-m", self.runner.__name__, self.name, str(self.image), str(copy), *args]
            env = dict(options.pop("env", None) or os.environ)
            env["PYTHONPATH"] = str(TESTS)
            process = processes.start(command, env=env, **options)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        weakref.finalize(process, shutil.rmtree, folder, True)
        return process


class Mps2(EmulatedBoard):
    """One of Arm's MPS2 boards, emulated by QEMU."""

    runner = qemu
    host = qemu.HOST
    slowness = 2
    largest = 32768


class Mps2Tls(Mps2):
    """The same with the built-in TLS. The smallest processor takes a while for a handshake."""

    slowness = 4


class Mps2Ssl(Mps2Tls):
    """The same with MicroPython's own TLS, of which each connection takes 23 kB of the heap."""

    clients = 3


class Nano(EmulatedBoard):
    """An Arduino Nano RP2040 Connect, emulated by rp2040js at a fraction of its speed."""

    runner = rp2040
    host = rp2040.HOST
    slowness = 6
    largest = 32768

    def check(self):
        super().check()
        if not rp2040.BOOT_ROM.exists():
            raise TargetMissing(f"target {self.name} has no emulator: `{self.made_by}` installs it")


# The modules that scripts share: their files, and their names in a script.
_SHARED = "on_target"


def prepared(script, defines):
    """The text to run: the script, its definitions, and the modules of on_target/ that it imports, for a
    board takes a single file. Line numbers stay true.

    A definition TLS says how it is to connect: see tls_scripts.py; VERSION which version of MQTT its clients speak:
    see versions.py. MODULES are further modules: see modules.py. With GC_THRESHOLD the collector runs whenever so
    many bytes were allocated.
    """
    source = Path(script).read_text(encoding="utf-8")
    defines = dict(defines)
    tls = defines.pop("TLS", None)
    files = defines.pop("MODULES", None)
    threshold = defines.pop("GC_THRESHOLD", None)
    statements = []
    if tls is not None:
        source = tls_scripts.with_context(source)
        statements.append(tls_scripts.preamble(*tls))
    if defines.pop("VERSION", 4) == 5:
        source = versions.with_version_5(source)
        statements.append(versions.PREAMBLE)
    source = _with_modules(source, set())
    if files is not None:
        statements.append(modules.preamble(files))
    if threshold is not None:
        statements.append(f"import gc; gc.threshold({threshold})")
    return with_definitions(source, defines, "; ".join(statements))


def _with_modules(source, done):
    """The source with the text of a module in the place of every import from it; none comes twice."""
    lines = source.split("\n")
    for node in ast.parse(source).body:
        if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith(f"{_SHARED}."):
            continue
        text = (TESTS / _SHARED / f"{node.module.partition('.')[2]}.py").read_text(encoding="utf-8")
        missing = [name.name for name in node.names if name.asname or name.name not in _names(text)]
        if missing:
            raise ImportError(f"{node.module} has no {', '.join(missing)}, or not under that name")
        # As many lines as before. The module runs in the script itself, and sees its definitions.
        lines[node.lineno - 1 : node.end_lineno] = [""] * (node.end_lineno - node.lineno + 1)
        if node.module not in done:
            done.add(node.module)
            lines[node.lineno - 1] = f"exec({ascii(_with_modules(text, done))})"
    return "\n".join(lines)


def _names(source):
    """The names that a module defines."""
    names = set()
    for node in ast.parse(source).body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names.update(target.id for target in node.targets if isinstance(target, ast.Name))
    return names


# A statement that cannot follow another one on the same line.
_BLOCK = re.compile(r"@|(async|class|def|for|if|try|while|with)\b")


def with_definitions(source, defines, preamble=None):
    """The source with definitions made: line numbers stay true.

    Where the script itself sets the name to a literal, on a line of its own, the definition takes
    its place. Otherwise it becomes an assignment in front, on the first line, after the
    statement `preamble`.
    """
    for name in defines:
        if not name.isidentifier():
            raise ValueError(f"not a Python name: {name!r}")
    in_front = {}
    for name, value in defines.items():
        own = re.search(rf"^{name} = (.*)$", source, re.MULTILINE)
        if own and _is_literal(own[1]):
            source = f"{source[: own.start()]}{name} = {ascii(value)}{source[own.end() :]}"
        else:
            in_front[name] = value
    statements = [f"{name} = {ascii(value)}" for name, value in in_front.items()]
    if preamble:
        statements.insert(0, preamble)
    if not statements:
        return source
    assignments = "; ".join(statements)
    return assignments + ("\n" if _BLOCK.match(source) else "; ") + source


def _is_literal(text):
    try:
        ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return False
    return True


TARGETS = {
    target.name: target
    for target in (
        Unix("unix", "build/unix/micropython", "make unix"),
        Unix("unix-nogil", "build/unix-nogil/micropython", "make unix VARIANT=nogil"),
        UnixMpy("unix-mpy", "build/unix-bare/micropython", "make unix-mpy"),
        Unix("unix-newest", "build/unix-newest/micropython", "make unix-newest"),
        Mps2Tls("MPS2_AN385-tls", "build/MPS2_AN385-tls/firmware.elf", "make MPS2_AN385-tls"),
        Mps2Ssl("MPS2_AN385-ssl", "build/MPS2_AN385-ssl/firmware.elf", "make MPS2_AN385-ssl"),
        *(
            Mps2(f"{board}-mpy", f"build/{board}-bare/firmware.elf", f"make {board}-mpy")
            for board in ("MPS2_AN385", "MPS2_AN386")
        ),
        Mps2("MPS2_AN385-mpy-lean", "build/MPS2_AN385-bare/firmware.elf", "make MPS2_AN385-mpy-lean"),
        Mps2("MPS2_AN385-mpy-aio", "build/MPS2_AN385-bare/firmware.elf", "make MPS2_AN385-mpy-aio"),
        Nano(
            "ARDUINO_NANO_RP2040_CONNECT-mpy",
            "build/ARDUINO_NANO_RP2040_CONNECT-bare/firmware.uf2",
            "make emulator ARDUINO_NANO_RP2040_CONNECT-mpy",
        ),
        Unix("unix-panic", "build/unix-panic/micropython", "make unix-panic"),
        UnixAsan("unix-asan", "build/unix-asan/micropython", "make unix VARIANT=asan"),
        *(
            Mps2(board, f"build/{board}/firmware.elf", f"make firmware BOARD={board}")
            for board in ("MPS2_AN385", "MPS2_AN386", "MPS2_AN500")
        ),
        Nano(
            "ARDUINO_NANO_RP2040_CONNECT",
            "build/ARDUINO_NANO_RP2040_CONNECT/firmware.uf2",
            "make firmware emulator BOARD=ARDUINO_NANO_RP2040_CONNECT",
        ),
    )
}
