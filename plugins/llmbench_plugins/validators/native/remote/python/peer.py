"""The tests' end of the conversation."""

import builtins
import json
import sys
import threading

from llmbench_native import raised, values
from llmbench_native.box import packed
from llmbench_native.handed import allowed, identity
from llmbench_native.stand_ins import Remote, joined


class AnswerEnded(Exception):
    """The answer's process ended, or took too long."""


class Peer:
    """The tests' end of the conversation."""

    def __init__(self, requests, replies):
        self._requests = requests
        self._replies = replies
        self._lock = threading.RLock()
        self._handed = []
        self._numbers = {}
        self._exceptions = {}
        self._remotes = {}
        self.most = sys.maxsize
        self.built = {}
        self.compared = set()

    def exchange(self, message):
        """Say one message and return the reply to it."""
        return self._exchanged(packed(message, self.most, lambda: "what a test hands to the answer"))

    def _exchanged(self, line):
        self._replies.write(line + "\n")
        self._replies.flush()
        line = self._requests.readline()
        if not line:
            return {"ended": "the conversation is over"}
        try:
            reply = json.loads(line)
        except (ValueError, RecursionError):
            reply = None
        return reply if type(reply) is dict else {"ended": "the answer's process said what is no reply"}

    def ask(self, **request):
        """Return what the answer returns, or raise what it raises."""
        with self._lock:
            reply = self.exchange({"ask": request})
            while "callback" in reply:
                reply = self._exchanged(self._called(reply))
        if "ended" in reply:
            raise AnswerEnded(reply["ended"])
        if "error" in reply:
            raise self._raised(reply)
        return self.decode(reply["value"])

    def encode(self, value):
        return values.encode(value, self._hand_out)

    def decode(self, data):
        return values.decode(data, self._stand_in, joined)

    def _hand_out(self, value):
        """Return the handle of an object of the tests, or of one of the answer's."""
        if type(value) is Remote:
            return value._description["id"]
        number = self._numbers.setdefault(identity(value), len(self._handed))
        if number == len(self._handed):
            self._handed.append(value)
        if isinstance(value, type) and issubclass(value, BaseException):
            return {"exception": raised.lineage(value), "yours": number}
        if isinstance(value, BaseException):
            kind = self._hand_out(type(value))
            return {"raised": kind, "args": self.pack(value.args), "yours": number}
        return {"yours": number}

    def _stand_in(self, description):
        if "yours" in description:
            return self._handed[description["yours"]]
        if "exception" in description:
            return self._exception_class(description["exception"])
        number = description["id"]
        if number not in self._remotes:
            self._remotes[number] = Remote(self, description)
        return self._remotes[number]

    def _exception_class(self, names):
        parent, derived = getattr(builtins, str(names[-1]), Exception), names[:-1]
        # SystemExit and KeyboardInterrupt of the answer must not end the tests.
        if not (isinstance(parent, type) and issubclass(parent, Exception)):
            parent, derived = RuntimeError, names
        for name in reversed([str(name) for name in derived]):
            parent = self._exceptions.setdefault(
                (name, parent), type(name, (parent,), {"__module__": "__main__"})
            )
        return parent

    def _raised(self, reply):
        if "yours" in reply:
            return self._handed[reply["yours"]]
        kind = self._exception_class(reply["error"])
        try:
            error = kind(*[self.decode(arg) for arg in reply["args"]])
        except Exception:  # its arguments are not those of the built-in one
            error = RuntimeError("{}: {}".format(reply["error"][0], reply["text"]))
        if hasattr(error, "add_note") and reply.get("trace"):
            error.add_note("in the answer:\n" + reply["trace"].rstrip())
        return error

    def _called(self, reply):
        """Do what the answer asks of an object that it was handed, and return the line that says so."""
        try:
            thing = self._handed[reply["callback"]]
            args = [self.decode(arg) for arg in reply["args"]]
            kwargs = {name: self.decode(value) for name, value in reply["kwargs"].items()}
            value = self.encode(allowed(thing, reply["do"], args, kwargs, reply["frames"]))
            back = {"ask": {"op": "back", "value": value}}
            return packed(back, self.most, lambda: "what an object of the test returns to the answer")
        except AnswerEnded:
            raise
        except Exception as error:
            back = {"ask": {"op": "back", "error": self._hand_out(error)}}
            return packed(back, self.most, lambda: "what an object of the test raises")

    def same_for_all(self):
        """Return the name of a class of which all instances are equal, whatever they were made of."""
        for number in self.compared & self.built.keys():
            found = list(self.built[number].values())
            if len(found) > 2 and all(
                found[0]._ask(op="eq", args=self.pack([one])) is True for one in found[1:]
            ):
                return str(self._remotes[number]._description["class"])
        return ""

    def pack(self, args):
        return [self.encode(arg) for arg in args]
