"""Runs in an agent's box that has no pytest: files of tests by unittest, plain functions and classes too."""

import importlib
import inspect
import sys
import unittest
from pathlib import Path


def tests_of(path):
    """Return the tests of a file, which may import from its own folder."""
    file = Path(path).resolve()
    sys.path.insert(0, str(file.parent))
    module = importlib.import_module(file.stem)
    suite = unittest.defaultTestLoader.loadTestsFromModule(module)
    suite.addTests(map(unittest.FunctionTestCase, functions_of(module)))
    return suite


def functions_of(module):
    """Yield what is named as a test and is no test case of unittest."""
    for name, thing in list(vars(module).items()):
        if getattr(thing, "__module__", None) != module.__name__:
            continue
        if inspect.isfunction(thing) and name.startswith("test"):
            yield thing
        if inspect.isclass(thing) and name.startswith("Test") and not issubclass(thing, unittest.TestCase):
            yield from (getattr(thing(), test) for test in vars(thing) if test.startswith("test"))


suite = unittest.TestSuite(map(tests_of, sys.argv[1:]))
sys.exit(not unittest.TextTestRunner().run(suite).wasSuccessful() or not suite.countTestCases())
