"""The project's own tools as modules: they are programs, and lie in no package."""

import importlib.util

from harness.targets import ROOT


def load(path):
    """The module of a tool; `path` begins at the root of the project."""
    file = ROOT / path
    spec = importlib.util.spec_from_file_location(file.stem, file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
