"""Programs that the `command` validator puts into boxes.

``harness.py``, ``sitecustomize.py`` and ``run_tests.py`` go into the tests' box, ``worker.py`` into the
answer's. They use only the standard library of Python 3.9 and later; llmbench itself never imports them.
"""
