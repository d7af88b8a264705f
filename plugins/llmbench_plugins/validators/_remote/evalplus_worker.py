"""Runs in a box: calls one function with many inputs, and tells digests of what it returns.

It shares its process with model-written code, which can make it say anything. That buys nothing: it knows no
expected output, so all that can be forged is what the function returned. One starts for every sample, so it
imports only what is built in or frozen.

The order is a file made by llmbench: the source, the inputs (each packed by itself, so that no case can
change another's) and time limits. A line asked is ``load``, ``run`` (from the next case on, for a while),
``value CASE OFFSET`` (of a value of the last ``run``, in pieces) or ``peak``; a reply is a word and more.
"""

import marshal
import os
import sys
import time
from itertools import chain

try:
    from _blake2 import blake2b
    from _signal import ITIMER_REAL, SIGALRM, setitimer, signal
except ImportError:  # another Python than CPython: the same by their public names, a little later
    from hashlib import blake2b
    from signal import ITIMER_REAL, SIGALRM, setitimer, signal

PLAIN = 2  # of marshal's formats, the one without back references: equal values give equal bytes
TURN_S = 0.2
TURN_BYTES = 32 << 20
SMALL_BYTES = 32 << 10
SLICE = 1 << 16
PIECE = 400_000
LONG = 1000
NEGATIVE_ZERO = b"\0\0\0\0\0\0\0\x80"
SIMPLE = frozenset((int, str, type(None)))
EXACT = SIMPLE | {bool, float, complex, bytes}
NUMBERS = frozenset((bool, int, float))
LISTS = frozenset((list, tuple))
BASES = (bool, int, float, complex, str, bytes, bytearray, list, tuple, set, frozenset, dict)
MRO = type.__dict__["__mro__"].__get__
dumps, loads, perf_counter = marshal.dumps, marshal.loads, time.perf_counter


class OutOfTime(BaseException):
    """A case has used its time."""


def ring(number, frame):
    raise OutOfTime


def holds_only(wanted, kinds, value):
    """Say whether a list or tuple holds only some types, itself or one level down; at C's speed."""
    return kinds <= wanted or (kinds <= LISTS and wanted.issuperset(map(type, chain.from_iterable(value))))


def plain(value):
    """Return the value in exact built-in types only, read by the base types' own methods."""
    kind = type(value)
    if value is None or kind in (bool, int, float, complex, str, bytes):
        return value
    if kind is list or kind is tuple:
        done = holds_only(EXACT, set(map(type, value)), value)
        return value if done else kind([plain(item) for item in value])
    if kind is dict:
        return {plain(key): plain(item) for key, item in value.items()}
    if kind is set or kind is frozenset:
        return kind([plain(item) for item in value])
    for base in BASES:
        if base in MRO(kind):
            return plain(reduced(base, value))
    return number(kind, value)


def reduced(base, value):
    """Return an instance of a subclass as its base."""
    if base in (int, float, complex):
        return base.__add__(value, base())
    if base is str:
        return str.__add__("", value)
    if base is bytes or base is bytearray:
        return bytes(base.__getitem__(value, slice(None)))
    if base is dict:
        return {key: dict.__getitem__(value, key) for key in dict.__iter__(value)}
    return base(list(base.__iter__(value)))


def number(kind, value):
    """Return numbers of other libraries as the built-in number that they equal; refuse all else."""
    home = kind.__module__
    if home == "numpy":
        value = kind.item(value)
        if type(value) in (bool, int, float, complex, str):
            return value
    elif home in ("decimal", "fractions"):
        above, below = value.as_integer_ratio()
        if below == 1:
            return above
        if (above / below).as_integer_ratio() == (above, below):
            return above / below
    raise TypeError(f"returned {kind.__name__}, which is no plain data")


def equal_form(value):
    """Return what is the same for all plain values that are equal (``1 == 1.0 == True``)."""
    kind = type(value)
    if kind is bool:
        return int(value)
    if kind is float:
        return int(value) if value.is_integer() else value
    if kind is complex:
        return value if value.imag else equal_form(value.real)
    if kind is list or kind is tuple:
        return equal_list(kind, value)
    if kind is dict:
        items = [
            (dumps(equal_form(key), PLAIN), dumps(equal_form(item), PLAIN)) for key, item in value.items()
        ]
        return {"dict": sorted(items)}
    if kind is set or kind is frozenset:
        return {"set": sorted([dumps(equal_form(item), PLAIN) for item in value])}
    return value


def equal_list(kind, value):
    kinds = set(map(type, value))
    if len(value) > LONG and kinds <= NUMBERS:
        return {kind.__name__: packed_floats(value) or [equal_form(item) for item in value]}
    if holds_only(SIMPLE, kinds, value) and (kinds <= SIMPLE or max(map(len, value)) <= LONG):
        return value
    return kind([equal_form(item) for item in value])


def packed_floats(value):
    """Return many numbers as floats, or nothing where that is not what they equal or is not unique."""
    from array import array

    try:
        floats = array("d", value)
    except OverflowError:
        return None
    if floats.tolist() != list(value):
        return None
    data = floats.tobytes()
    # -0.0 equals 0.0; what is found may also lie across two numbers, which costs only time.
    return array("d", [number + 0.0 for number in floats]).tobytes() if NEGATIVE_ZERO in data else data


def is_large(value):
    return type(value) in LISTS and len(value) > SLICE


def digest_of(form):
    """Return the digest of an equal form; long lists slice by slice, as they may fill half the memory."""
    if not is_large(form):
        return blake2b(dumps(form, PLAIN), digest_size=16).hexdigest()
    state = blake2b(dumps((type(form) is list, len(form)), PLAIN), digest_size=16)
    for start in range(0, len(form), SLICE):
        state.update(dumps(form[start : start + SLICE], PLAIN))
    return state.hexdigest()


def presence(value):
    return value if isinstance(value, bool) else value is not None


VIEWS = {"value": None, "set": set, "presence": presence}


class Job:
    """The order, and how far it is done."""

    def __init__(self, order):
        self.source, self.entry, self.load_s = order["source"], order["entry"], order["load_s"]
        self.inputs, self.limits, self.limit = order["inputs"], order["limits"], order["limit"]
        self.view, self.base, self.measure = VIEWS[order["view"]], order["base"], order["measure"]
        self.done = self.first = 0
        self.values = []
        self.encoded = (-1, "")
        self.trouble = None

    def load(self):
        """Execute the source in a module of its own."""
        setitimer(ITIMER_REAL, self.load_s)
        try:
            module = type(sys)("solution")
            sys.modules["solution"] = module
            exec(compile(self.source, "solution.py", "exec", 0, True), module.__dict__)  # noqa: S102 - in its box
            self.call = getattr(module, self.entry)
        finally:
            setitimer(ITIMER_REAL, 0)

    def run(self):
        """Call the function until its turn is over; return the digests of what it returned."""
        if self.trouble is not None:
            raise self.trouble
        started, size, digests, extras = perf_counter(), 0, [], []
        self.first, self.values = self.done, []
        while self.done < len(self.inputs):
            try:
                if self.done == self.base:
                    self.load()  # what base cases left in globals or defaults is no part of the plus cases
                value, took = self.case(self.done)
                digest, packed = self.keep(value)
            except BaseException as error:
                self.trouble = error
                if not digests:
                    raise
                break
            digests.append(digest)
            if self.measure:
                extras.append(measured(value, packed, took))
            self.done += 1
            size += TURN_BYTES if packed is value else len(packed)
            if size > TURN_BYTES or perf_counter() - started > TURN_S or self.done == self.base:
                break
        return " ".join(["ran", str(self.done), "".join(digests), ",".join(extras)])

    def case(self, place):
        limit = self.limits.get(place, self.limit)
        try:
            args = loads(self.inputs[place])
            setitimer(ITIMER_REAL, limit)
            began = perf_counter()
            value = self.call(*args)
            took = perf_counter() - began
            setitimer(ITIMER_REAL, 2 * limit)  # for ourselves: what is returned may be large, or endless
            return plain(value if self.view is None else self.view(value)), took
        finally:
            setitimer(ITIMER_REAL, 0)

    def keep(self, value):
        """Keep a value for questions; packed, as the code may change it later, unless it is very large."""
        form = equal_form(value)
        packed = value if is_large(value) else dumps(value, PLAIN)
        self.values.append(packed)
        if form is value and packed is not value:
            return blake2b(packed, digest_size=16).hexdigest(), packed
        return digest_of(form), packed

    def value(self, place, offset):
        """Return a piece of one value of the last turn as tagged JSON."""
        if self.encoded[0] != place:
            import json

            kept = self.values[place - self.first]
            value = loads(kept) if type(kept) is bytes else kept
            self.encoded = (place, json.dumps(tagged(value), separators=(",", ":")))
        text = self.encoded[1]
        return f"value {len(text)} {text[offset : offset + PIECE]}"


def measured(value, packed, took):
    """Return what is to be known of a reference's value: float, equal to itself, small."""
    is_small = packed is not value and len(packed) < SMALL_BYTES
    is_equal = packed is value or loads(packed) == value
    return f"{took:.6f}:{is_floats(value):d}{is_equal:d}{is_small:d}"


def is_floats(value):
    if type(value) is float:
        return True
    return type(value) in LISTS and bool(value) and set(map(type, value)) == {float}


def tagged(value):
    """Return JSON-ready data that tells the types apart; the other side is _evalplus/values.py."""
    kind = type(value)
    if value is None or kind in (bool, str):
        return value
    if kind is int:
        return value if abs(value) < 1 << 53 else {"i": hex(value)}
    if kind is float:
        return {"f": value.hex()}
    if kind is complex:
        return {"c": [value.real.hex(), value.imag.hex()]}
    if kind is bytes:
        return {"b": value.hex()}
    if kind is list:
        return [tagged(item) for item in value]
    if kind is dict:
        return {"d": [[tagged(key), tagged(item)] for key, item in value.items()]}
    return {{tuple: "t", set: "s", frozenset: "z"}[kind]: [tagged(item) for item in value]}


def peak():
    import resource

    return "peak %d" % (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10)  # noqa: UP031 - shorter


def answered(job, line):
    """Return the reply to one line."""
    word, *numbers = line.split()
    try:
        if word == b"run":
            return job.run()
        if word == b"value":
            return job.value(int(numbers[0]), int(numbers[1]))
        if word == b"peak":
            return peak()
        job.load()
        return "loaded"
    except OutOfTime:
        return f"late {job.done}"
    except BaseException as error:  # whatever the answer raises is its result
        return f"raised {job.done} {described(error)}"


def described(error):
    try:
        text = f"{type(error).__name__}: {error}"
    except BaseException:
        text = type(error).__name__
    return text[:300].encode("ascii", "backslashreplace").decode().replace("\n", " ").replace("\r", " ")


def main():
    """Answer until standard input closes."""
    # What the answer prints is nobody's, and what it reads is empty.
    nothing = os.open(os.devnull, os.O_RDWR)
    replies, requests = os.dup(1), os.fdopen(os.dup(0), "rb", buffering=0)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    here = sys.path.pop(0)
    with open(os.path.join(here, "order"), "rb") as file:
        order = loads(file.read())
    import site

    sys.path += site.getsitepackages()
    signal(SIGALRM, ring)
    job = Job(order)
    for line in requests:
        reply = answered(job, line).encode("ascii", "backslashreplace") + b"\n"
        while reply:
            reply = reply[os.write(replies, reply) :]


if __name__ == "__main__":
    main()
