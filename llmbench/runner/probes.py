"""What `llmbench fitness` asks of a model: small requests that need a call, and whether it is the right one.

They are about writing calls, not about writing code: everything that a call must hold stands in the request.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llmbench.runner.probe_tools import Configure, Lookup, Recorder, Report, Write

Made = Sequence[tuple[str, Mapping[str, Any]]]
"""Calls by name, with their arguments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What an attempt's calls were: ``ok``, or what was wrong with them."""

    kind: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One kind of request; each repetition asks with other content."""

    name: str
    title: str
    tools: tuple[type[Recorder], ...]
    instructions: Callable[[int], str]
    judge: Callable[[int, Made], Found]
    says: Callable[[int], Mapping[str, str]] = lambda number: {}
    """What a tool answers, by its name."""
    answers: int = 1
    """How many answers of the model it takes."""
    is_long: bool = False
    """A long text stands before it."""


_SNIPPETS = (
    'def greet(name):\n    """Say "hello"."""\n    return f"Hello, {name}!\\n"\n',
    (
        'import re\n\nWORD = re.compile(r"\\b[A-Za-z_\']+\\b")\n\n\ndef words(text):\n'
        "    if not text:\n        return []\n    return [w for w in WORD.findall(text) if w != '\\\\']\n"
    ),
    (
        "QUERY = '''\nSELECT \"name\", 'it''s'\nFROM t\n'''\n\n\nclass Path:\n    SEP = \"\\\\\"\n\n"
        "    def join(self, *parts):\n        return self.SEP.join(parts) + '\\t'\n"
    ),
)
_SYMBOLS = (("parse_header", "read_body", "close"), ("Lexer", "Parser", "emit"), ("left", "right", "top"))
_VALUES = (37, 4096, 911)
_QUESTIONS = (
    "Which number is larger, 3 or 7? Answer with the number alone.",
    "What is the opposite of 'open'? Answer in one word.",
    "How many days has a week? Answer with the number alone.",
)
_RULES = (
    [
        {"pattern": "*.py", "level": "error", "ignore": ["E501", "W291"]},
        {"pattern": "*.md", "level": "warning"},
    ],
    [{"pattern": "src/**", "level": "warning", "ignore": []}, {"pattern": "t/{a,b}", "level": "error"}],
    [{"pattern": 'say "hi"', "level": "error", "ignore": ["X\\Y"]}],
)


def _of(choices: Sequence[Any], number: int) -> Any:
    return choices[number % len(choices)]


def _one(wanted: tuple[str, Mapping[str, Any]], made: Made, inexact: str = "wrong_call") -> Found:
    """Judge attempts that should be exactly one call."""
    if not made:
        return Found(kind="no_call")
    if len(made) > 1:
        return Found(kind="wrong_call", detail=f"{len(made)} calls instead of one")
    name, arguments = made[0]
    if name != wanted[0]:
        return Found(kind="wrong_call", detail=f"called {name}")
    different = [key for key, value in wanted[1].items() if arguments.get(key) != value]
    if different:
        return Found(kind=inexact, detail=f"{', '.join(different)} is not what was asked for")
    return Found(kind="ok")


def _simple(number: int) -> str:
    return f"Call the tool lookup once, for the symbol {_of(_SYMBOLS, number)[0]}. Do nothing else."


def _code(number: int) -> str:
    return (
        "Call the tool write once. Its path is sample.py, and its content is exactly the code between the "
        f"lines of dashes, every character as it stands:\n\n-----\n{_of(_SNIPPETS, number)}-----"
    )


def _judge_code(number: int, made: Made) -> Found:
    # Whether the last line ends with a newline is no matter of how a call is written.
    plain = [(n, {k: v.rstrip("\n") if k == "content" else v for k, v in a.items()}) for n, a in made]
    wanted = {"path": "sample.py", "content": _of(_SNIPPETS, number).rstrip("\n")}
    return _one(("write", wanted), plain, inexact="changed")


def _nested(number: int) -> str:
    lines = [
        f"{place}. pattern {rule['pattern']}, level {rule['level']}, "
        + (f"ignoring {' and '.join(rule['ignore'])}" if rule.get("ignore") else "ignoring nothing")
        for place, rule in enumerate(_of(_RULES, number), 1)
    ]
    return "Call the tool configure once, with the name strict and these rules:\n\n" + "\n".join(lines)


def _judge_nested(number: int, made: Made) -> Found:
    wanted = {"name": "strict", "rules": _plain(_of(_RULES, number))}
    plain = [(name, {**given, "rules": _plain(given.get("rules", ()))}) for name, given in made]
    return _one(("configure", wanted), plain, inexact="changed")


def _plain(rules: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{**rule, "ignore": list(rule.get("ignore", ()))} for rule in rules]


def _parallel(number: int) -> str:
    return (
        f"Look up these three symbols: {', '.join(_of(_SYMBOLS, number))}. "
        "Call the tool lookup three times, all in this one answer, once for each."
    )


def _judge_parallel(number: int, made: Made) -> Found:
    if not made:
        return Found(kind="no_call")
    wanted = sorted(_of(_SYMBOLS, number))
    asked = sorted(str(arguments.get("symbol")) for _, arguments in made)
    return Found(kind="ok") if asked == wanted else Found(kind="wrong_call", detail=f"{len(made)} calls of 3")


def _judge_none(number: int, made: Made) -> Found:
    return Found(kind="needless_call", detail=f"called {made[0][0]}") if made else Found(kind="ok")


def _judge_result(number: int, made: Made) -> Found:
    if made and made[0][0] == "lookup" and len(made) == 1:
        return Found(kind="no_call", detail="it did not go on after the result")
    return _one(("report", {"value": _of(_VALUES, number)}), [call for call in made if call[0] == "report"])


PROBES = (
    Probe(
        name="simple",
        title="one short argument",
        tools=(Lookup, Report),
        instructions=_simple,
        judge=lambda number, made: _one(("lookup", {"symbol": _of(_SYMBOLS, number)[0]}), made),
    ),
    Probe(
        name="code",
        title="code of several lines, kept exactly",
        tools=(Write, Lookup),
        instructions=_code,
        judge=_judge_code,
    ),
    Probe(
        name="nested",
        title="objects in a list",
        tools=(Configure, Lookup),
        instructions=_nested,
        judge=_judge_nested,
    ),
    Probe(
        name="parallel",
        title="three calls in one answer",
        tools=(Lookup, Report),
        instructions=_parallel,
        judge=_judge_parallel,
    ),
    Probe(
        name="long",
        title="one call after a long text",
        tools=(Lookup, Report),
        instructions=_simple,
        judge=lambda number, made: _one(("lookup", {"symbol": _of(_SYMBOLS, number)[0]}), made),
        is_long=True,
    ),
    Probe(
        name="none",
        title="no call where no tool fits",
        tools=(Lookup, Write),
        instructions=lambda number: _of(_QUESTIONS, number),
        judge=_judge_none,
    ),
    Probe(
        name="result",
        title="uses what a tool answered",
        tools=(Lookup, Report),
        instructions=lambda number: (
            "Find out the value of the constant LIMIT with the tool lookup, and then call the tool report "
            "with that value."
        ),
        judge=_judge_result,
        says=lambda number: {"lookup": f"settings.py, line 12: LIMIT = {_of(_VALUES, number)}"},
        answers=2,
    ),
)


def long_text(characters: int) -> str:
    """Return text that looks like a project's code and says nothing about the request."""
    blocks, length, place = [], 0, 0
    while length < characters:
        block = f"def step_{place}(state, amount={place % 7}):\n    return state + amount * {place % 13}\n\n"
        blocks.append(block)
        length += len(block)
        place += 1
    return "".join(blocks)[:characters]
