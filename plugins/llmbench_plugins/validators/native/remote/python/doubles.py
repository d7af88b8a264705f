"""What stands in the answer's box for objects of the tests."""

import builtins
import os
import sys

from llmbench_native.raised import is_ours


class TestObject:
    """Stands for an object of the tests that was handed to the answer."""

    def __init__(self, *args, **kwargs):
        # Only an answer that calls super().__init__(), where tests put a double for super, comes here.
        self._ask("get", "__init__")(*args, **kwargs)

    @classmethod
    def of(cls, peer, number):
        """Return what stands for the object of that number."""
        made = object.__new__(cls)
        made._ask = lambda do, *args, **kwargs: peer.call_back(number, do, args, kwargs)
        made._number = number
        return made

    def __call__(self, *args, **kwargs):
        return self._ask("call", *args, **kwargs)

    def __getattr__(self, name):
        return self._ask("get", name)

    def __iter__(self):
        return self._ask("iter")

    def __next__(self):
        return self._ask("next")

    def __len__(self):
        return self._ask("len")

    def __getitem__(self, key):
        return self._ask("getitem", key)

    def __enter__(self):
        return self._ask("enter")

    def __exit__(self, kind, error, trace):
        return self._ask("exit", kind, error, None)


def exception_class(names):
    """Return a built-in exception, or a class of that name derived from one."""
    parent = getattr(builtins, names[-1], Exception)
    return parent if len(names) == 1 else type(names[0], (parent,), {})


def frames_of_the_answer():
    """Return the answer's innermost frames: tests' doubles may look at who calls them."""
    found, frame = [], sys._getframe(2)
    while frame is not None and len(found) < 3:
        if not is_ours(frame.f_code.co_filename):
            found.append([os.path.basename(frame.f_code.co_filename), frame.f_code.co_name])
        frame = frame.f_back
    return found
