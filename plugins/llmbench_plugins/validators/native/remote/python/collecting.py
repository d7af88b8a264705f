"""From a file of tests to tests: of unittest, or functions and classes that are named as tests."""

import importlib
import os
import sys
import types
import unittest


class Function(unittest.FunctionTestCase):
    """A function, or a method of a plain class, that is named as a test."""

    def __init__(self, name, call):
        super().__init__(call)
        self._name = name

    def id(self):
        """Return the name under which it is counted."""
        return self._name


def tests_of(path):
    """Return the tests of a file; whatever it raises when it is imported comes through."""
    folder, name = place_of(path)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    module = importlib.import_module(name)
    suite = unittest.defaultTestLoader.loadTestsFromModule(module)
    suite.addTests(functions_of(module))
    return suite


def place_of(path):
    """Return the folder from which a file can be imported, and its name there: below it are only packages."""
    folder, _, name = path.removesuffix(".py").rpartition("/")
    while folder and os.path.exists(os.path.join(folder, "__init__.py")):
        folder, _, package = folder.rpartition("/")
        name = f"{package}.{name}"
    return os.path.abspath(folder), name


def functions_of(module):
    """Return the tests that are no test cases of unittest."""
    for name, thing in list(vars(module).items()):
        if getattr(thing, "__module__", None) != module.__name__:
            continue
        if isinstance(thing, types.FunctionType) and is_test(name, thing, 0):
            yield Function(f"{module.__name__}.{name}", thing)
        if isinstance(thing, type) and name.startswith("Test") and not issubclass(thing, unittest.TestCase):
            yield from methods_of(f"{module.__name__}.{name}", thing)


def methods_of(prefix, kind):
    for name, thing in vars(kind).items():
        if isinstance(thing, types.FunctionType) and is_test(name, thing, 1):
            yield Function(f"{prefix}.{name}", lambda name=name: getattr(kind(), name)())


def is_test(name, function, arguments):
    return name.startswith("test") and function.__code__.co_argcount == arguments
