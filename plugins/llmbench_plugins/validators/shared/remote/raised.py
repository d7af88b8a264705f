"""What is to be said of an exception, whatever model-written code has made of its class.

It may have a metaclass that lies, a ``__str__`` that raises, arguments of megabytes: what is asked here is
asked of Python itself wherever Python knows.
"""

import builtins
import os
import traceback

LONGEST_NAME = 200
LONGEST_TEXT = 10000
LONGEST_TRACEBACK = 2000
_OURS = os.path.dirname(os.path.abspath(__file__))
_name_of = type.__dict__["__name__"].__get__
_mro_of = type.__dict__["__mro__"].__get__
_traceback_of = BaseException.__dict__["__traceback__"].__get__


def lineage(kind):
    """Return the names of an exception's class and of all that it derives from, the nearest built-in last."""
    names = []
    for base in _mro_of(kind):
        name = _name_of(base)
        names.append(name[:LONGEST_NAME] if name.isprintable() else ascii(name)[1:-1][:LONGEST_NAME])
        if getattr(builtins, name, None) is base:
            return names
    return [*names, "Exception"]


def text_of(error):
    """Return what an exception says, cut where it is very long."""
    try:
        text = str.__add__("", str(error))
    except BaseException:  # its own __str__, or that of an argument
        return ""
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + " […]"


def is_ours(file):
    """Say whether a frame is one of our programs."""
    return os.path.abspath(file).startswith(_OURS)


def trace_of(error):
    """Return where in the answer an exception came from, without our own frames."""
    try:
        found = traceback.extract_tb(_traceback_of(error))
        frames = [frame for frame in found if not is_ours(frame.filename)]
        text = "".join(traceback.format_list(frames))[-LONGEST_TRACEBACK:]
    except BaseException:  # code can name its files as it likes
        return ""
    return text.replace(f'File "{os.getcwd()}/', 'File "')
