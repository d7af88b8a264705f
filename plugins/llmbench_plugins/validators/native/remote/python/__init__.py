"""Programs for tests of Python, one for each of the two boxes: ``answer.main`` and ``tests.main``."""
