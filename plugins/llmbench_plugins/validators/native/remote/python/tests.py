"""Runs in the tests' box: tests of Python, with stand-ins where they import the answer.

Standard input and output are the line to llmbench: one JSON object a line, every line out answered by one
in. No model-written code is here; what the answer returns arrives as plain data, or as a handle to ask
further through.
"""

import json
import random
import sys
import unittest

from llmbench_native import collecting
from llmbench_native.box import lay_out, line_to_host
from llmbench_native.peer import Peer
from llmbench_native.run_tests import Result, formatted, worst_by_test
from llmbench_native.stand_ins import Finder

LONGEST_TEXT = 20_000
"""Of what is said of one test."""


def seeding(peer):
    """Let tests that seed the random numbers seed the answer's too."""
    seed = random.seed

    def both(*args, **kwargs):
        seed(*args, **kwargs)
        peer.ask(op="seed", args=peer.pack(args))

    random.seed = both


def run(order, peer):
    """Run the tests and return what became of each."""
    lay_out(order["files"])
    sys.meta_path.insert(0, Finder(set(order["modules"]), peer))
    seeding(peer)
    suite, problems = unittest.TestSuite(), []
    for path in order["tests"]:
        with noted(problems):
            suite.addTests(collecting.tests_of(path))
    result = Result()
    with noted(problems):
        suite.run(result)
    return {"cases": worst_by_test(result.seen), "errors": problems, "problem": all_equal(peer)}


class noted:  # noqa: N801 - a context manager
    """Keeps what is raised in its body as text, whatever it is: an answer's error as it is imported."""

    def __init__(self, problems):
        self._problems = problems

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if error is not None:
            self._problems.append(formatted((kind, error, trace)))
        return True


def fitted(done, most):
    """Shorten what is said of tests until all of it can be said at once."""
    longest = 2 * LONGEST_TEXT
    while (longest := longest // 2) > 1:
        cases = {name: (kind, cut(text, longest)) for name, (kind, text) in done["cases"].items()}
        shorter = {**done, "cases": cases, "errors": [cut(text, longest) for text in done["errors"]]}
        if len(json.dumps({"done": shorter})) <= most:
            break
    return shorter


def cut(text, longest):
    """Return the beginning and the end of a long text."""
    half = longest // 2
    return text if len(text) <= longest else text[:half] + "\n[…]\n" + text[-half:]


def all_equal(peer):
    """Say that a class can't be judged, or nothing."""
    try:
        name = peer.same_for_all()
    except Exception:  # an answer that has ended, or raises now, has failed already
        return ""
    return f"all instances of {name} are equal to each other, whatever they hold" if name else ""


def main():
    """Run the tests of one order."""
    requests, replies = line_to_host()
    peer = Peer(requests, replies)
    order = json.loads(requests.readline())
    peer.most = order["most"]
    peer.exchange({"done": fitted(run(order, peer), order["most"])})
