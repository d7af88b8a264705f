"""Runs in a box: calls one function with many inputs, and tells digests of what it returns.

It shares its process with model-written code, which can make it say anything. That buys nothing: it knows no
expected output, so all that can be forged is what the function returned. One starts for every sample, so it
imports only what is built in or frozen.

The first line asked is the order: the source, the inputs (each packed by itself, so that no case can change
another's) and time limits; the source is executed, and cases are run. Later ones are ``run`` (from the next
case on, for a while), ``value CASE OFFSET`` (of a value of the last ``run``, in pieces) or ``peak``. A reply
is a word and more.
"""

import marshal
import os
import sys
import time
from binascii import a2b_base64

try:
    from _signal import ITIMER_REAL, SIGALRM, setitimer, signal
except ImportError:  # another Python than CPython: the same by their public names, a little later
    from signal import ITIMER_REAL, SIGALRM, setitimer, signal

from evalplus_values import PLAIN, digest_of, equal_form, is_floats, is_large, plain, tagged

TURN_S = 0.2
QUICK_S = 0.01
LEAST_S = 0.02
TURN_BYTES = 32 << 20
SMALL_BYTES = 32 << 10
PIECE = 400_000
dumps, loads, perf_counter = marshal.dumps, marshal.loads, time.perf_counter


class OutOfTime(BaseException):
    """A case has used its time."""


class Starved:
    """For how long this process could have run, had others left it a processor; as last seen."""

    seen = 0.0

    @classmethod
    def more(cls):
        """Return the seconds since then."""
        before, cls.seen = cls.seen, starved_s()
        return cls.seen - before


def starved_s(path="/proc/self/schedstat", start=os.open, read=os.read, end=os.close):
    try:
        file = start(path, os.O_RDONLY)
    except OSError:  # not counted here: all time is taken for its own
        return 0.0
    try:
        return int(read(file, 100).split()[1]) / 1e9
    finally:
        end(file)


def ring(number, frame):
    """End a case whose time is over; what others on this machine took of it is given back first."""
    owed = Starved.more()
    if owed < LEAST_S:
        raise OutOfTime
    setitimer(ITIMER_REAL, owed)


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
        self.is_loaded = False
        self.trouble = None

    def load(self):
        """Execute the source in a module of its own."""
        setitimer(ITIMER_REAL, self.load_s)
        try:
            module = type(sys)("solution")
            sys.modules["solution"] = module
            exec(compile(self.source, "solution.py", "exec", 0, True), module.__dict__)  # noqa: S102 - in its box
            self.call = getattr(module, self.entry)
            self.is_loaded = True
        finally:
            setitimer(ITIMER_REAL, 0)

    def run(self):
        """Call the function until its turn is over; return the digests of what it returned."""
        if self.trouble is not None:
            raise self.trouble
        started, size, digests, extras = perf_counter(), 0, [], []
        self.first, self.values = self.done, []
        before = Starved.seen = starved_s()
        if not self.is_loaded:
            self.load()
        while self.done < len(self.inputs):
            # Whether base cases are right is settled before much time goes into further ones.
            if digests and self.done == self.base and perf_counter() - started > QUICK_S:
                break
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
            if size > TURN_BYTES or perf_counter() - started > TURN_S:
                break
        owed_ms = str(int(1000 * (starved_s() - before)))
        return " ".join(["ran", str(self.done), owed_ms, "".join(digests), ",".join(extras)])

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
        return digest_of(form, packed if form is value and packed is not value else None), packed

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
        return peak()
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
    replies, requests = os.dup(1), os.fdopen(os.dup(0), "rb")
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    import site

    sys.path += site.getsitepackages()
    signal(SIGALRM, ring)
    job = Job(loads(a2b_base64(requests.readline())))
    line = b"run"
    while line:
        reply = answered(job, line).encode("ascii", "backslashreplace") + b"\n"
        while reply:
            reply = reply[os.write(replies, reply) :]
        line = requests.readline()
