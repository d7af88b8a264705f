"""JavaScript: what jest and ``node:assert`` compare, rows of tables, and assertions turned round."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmbench_plugins.validators.native.altered.javascript_rows import naming_cells
from llmbench_plugins.validators.native.altered.javascript_tests import (
    FUNCTIONS,
    Item,
    TestFile,
    asserted,
    compared_by,
    given_to,
    matcher_of,
    parameters,
)
from llmbench_plugins.validators.native.altered.places import Place, Rank
from llmbench_plugins.validators.native.altered.replacing import (
    is_plain,
    other_booleans,
    other_floats,
    other_integers,
    other_strings,
)
from llmbench_plugins.validators.native.altered.syntax import text_of, walk
from llmbench_plugins.validators.native.suite import Suite

if TYPE_CHECKING:
    from tree_sitter import Node

_EXPECTED = re.compile(r"(?i)want|exp|^out|result|answer|correct|valid|score|^lines?$|message")
_ASSERTING = re.compile(r"(?i)assert|check|verif|expect|refute|refuse")
_MAKERS = re.compile(
    r"(?:[\w.]+\.)?(?:[A-Z]\w*|from|of|freeze|keys|parse|join|trim|fill|repeat|concat|stringify|split|fromEntries)"
)
_OF_VALUES = re.compile(r".*\.(?:join|trim|fill|repeat|concat|split|map|flat)", re.DOTALL)
"""Methods under which a literal may stand: ``[…].join('\\n')``."""
_ERRORS = ("EvalError", "URIError", "SyntaxError", "RangeError", "TypeError")
"""The first two are those that no honest answer derives its own from."""
_EMPTY = {b"[]": b"[0]", b"{}": b"{ a: 0 }"}
_TURNED = {
    "equal": "notEqual",
    "deepEqual": "notDeepEqual",
    "strictEqual": "notStrictEqual",
    "deepStrictEqual": "notDeepStrictEqual",
    "match": "doesNotMatch",
    "throws": "doesNotThrow",
    "rejects": "doesNotReject",
}
_TURNED |= {turned: name for name, turned in _TURNED.items()}


def places(suite: Suite) -> Iterable[Place]:
    """Return what may be altered in a suite's tests."""
    several = len(suite.tests) > 1
    for path, source in suite.tests.items():
        file = TestFile(source, (path,) if several else ())
        for test in file.tests:
            yield from _Reader(file, path, test, frozenset(test.names)).test()
        for item in file.declared:
            if tests := file.reached_by[item.name]:
                yield from _Reader(file, path, item, frozenset(tests)).declared()


@dataclass(frozen=True, slots=True)
class _Reader:
    file: TestFile
    path: str
    item: Item
    tests: frozenset[str]

    def test(self) -> Iterator[Place]:
        """Return the places of a test, and of the rows that it is made from."""
        pattern = _argument(self.item.node, 0)
        for row, name in zip(self.item.rows, self.item.names, strict=False):
            yield from self._only(name).row(row, text_of(pattern)[1:-1])
        function = self.item.function
        if function is not None:
            if not self.file.compares_objects(self.item):
                yield from self._within(function)
            body = function.child_by_field_name("body")
            if body is not None and body.type == "statement_block":
                new = b"{ throw new Error('no'); "
                yield self._place(body.start_byte, body.start_byte + 1, [new], Rank.OUTCOME)

    def declared(self) -> Iterator[Place]:
        """Return the places of what stands outside of tests."""
        yield from self._within(self.item.node)

    def _only(self, name: str) -> "_Reader":
        """Return a reader of one row."""
        return _Reader(self.file, self.path, Item(name, self.item.node), frozenset([name]))

    def _place(self, start: int, end: int, replacements: Sequence[bytes], rank: Rank) -> Place:
        return Place(
            path=self.path,
            start=start,
            end=end,
            replacements=tuple(replacements),
            unit=f"{self.path}:{self.item.name}:{self.item.node.start_byte}",
            tests=self.tests,
            rank=rank,
        )

    def row(self, row: "Node", pattern: str) -> Iterator[Place]:
        """Return the cells of a row that are expected, but for those that are in its name."""
        function = self.item.function
        names = parameters(function) if function is not None else []
        named = naming_cells(pattern, row)
        cells = row.named_children if row.type == "array" else [row]
        for name, cell in zip(names, [one for one in cells if one.type != "comment"], strict=False):
            if cell not in named and (rank := self._rank(name)) is not None:
                yield from self._values(cell, rank)
        if row.type == "object":
            yield from self._pairs(row)

    def _within(self, node: "Node") -> Iterator[Place]:
        for one in walk(node):
            if one.type == "call_expression":
                yield from self._called(one)
            elif one.type == "variable_declarator":
                yield from self._named(one.child_by_field_name("name"), one.child_by_field_name("value"))
            elif one.type == "for_in_statement":
                yield from self._looped(one)
            elif one.type == "array" and one.parent is not None and one.parent.type == "variable_declarator":
                for row in one.named_children:
                    yield from self._pairs(row)

    def _called(self, call: "Node") -> Iterator[Place]:
        for operand in compared_by(call):
            yield from self._values(operand, Rank.COMPARED)
        if (matcher := matcher_of(call)) is not None:
            yield from self._matched(*matcher)
        elif name := asserted(call):
            yield from self._asserted(call, name)
        else:
            yield from self._handed(call)

    def _matched(self, name: "Node", between: list[str]) -> Iterator[Place]:
        """Return a matcher of jest turned round."""
        start, end = name.start_byte, name.end_byte
        if between[:1] == ["not"]:
            before = self.file.source[:start]
            if found := re.search(rb"not\s*\.\s*$", before):
                blank = re.sub(rb"[^\n]", b"", found[0])
                yield self._place(found.start(), end, [blank + text_of(name).encode()], Rank.NEGATED)
        else:
            yield self._place(start, end, [b"not." + text_of(name).encode()], Rank.NEGATED)

    def _asserted(self, call: "Node", name: str) -> Iterator[Place]:
        """Return what an error is expected to be, and an assertion of Node turned round."""
        function, first, second = call.child_by_field_name("function"), _argument(call, 0), _argument(call, 1)
        if name in ("throws", "rejects") and second is not None:
            yield from self._values(second, Rank.COMPARED)
        if name in ("ok", "assert") and first is not None:
            turned = b"!(" + text_of(first).encode() + b")"
            yield self._place(first.start_byte, first.end_byte, [turned], Rank.NEGATED)
        elif name in _TURNED and function is not None and function.type == "member_expression":
            end = function.end_byte
            yield self._place(end - len(name), end, [_TURNED[name].encode()], Rank.NEGATED)

    def _handed(self, call: "Node") -> Iterator[Place]:
        """Return the literals that a helper is given to compare."""
        name = text_of(call.child_by_field_name("function"))
        names = self.file.helper(name)
        if names is None:
            return
        for number, value in enumerate(given_to(call)):
            rank = self._rank(names[number]) if number < len(names) else None
            if rank is None and _ASSERTING.search(name):
                rank = Rank.UNKNOWN
            if rank is not None:
                yield from self._values(value, rank)

    def _named(self, name: "Node | None", value: "Node | None") -> Iterator[Place]:
        """Return the literals in a variable that is compared or has a telling name."""
        if value is not None and value.type not in FUNCTIONS:
            rank = self._rank(text_of(name)) if name is not None and name.type == "identifier" else None
            if rank is not None:
                yield from self._values(value, rank)

    def _looped(self, loop: "Node") -> Iterator[Place]:
        """Return the literals in a loop's rows, where their names are compared or telling."""
        left, right = loop.child_by_field_name("left"), loop.child_by_field_name("right")
        if left is None or right is None or right.type != "array":
            return
        for row in right.named_children:
            if left.type == "array_pattern" and row.type == "array":
                for name, cell in zip(left.named_children, row.named_children, strict=False):
                    yield from self._named(name, cell)
            yield from self._pairs(row)

    def _pairs(self, row: "Node") -> Iterator[Place]:
        """Return the values in an object under telling names."""
        for pair in row.named_children if row.type == "object" else []:
            key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
            rank = self._rank(text_of(key))
            if value is not None and rank is not None:
                yield from self._values(value, rank)

    def _rank(self, name: str) -> Rank | None:
        if _EXPECTED.search(name):
            return Rank.NAMED
        return Rank.UNKNOWN if name in self.file.compared - self.file.given else None

    def _values(self, node: "Node", rank: Rank) -> Iterator[Place]:
        """Return the literals in a node, but for those that functions are called with."""
        for one in _own(node):
            if others := _others(one):
                yield self._place(one.start_byte, one.end_byte, others, rank)


def _argument(call: "Node", number: int) -> "Node | None":
    given = given_to(call)
    return given[number] if number < len(given) else None


def _others(node: "Node") -> Sequence[bytes]:
    """Return what may stand for a literal, or for the class of an error."""
    text = text_of(node)
    if node.type in ("string", "template_string", "regex"):
        end = text.rindex(text[0])
        if node.type == "regex" and not is_plain(text[1:end]):
            return ()
        return [
            (text[0] + o.decode() + text[end:]).encode()
            for o in other_strings(text[1:end])
            if o or text[0] != "/"
        ]
    if node.type == "number":
        return other_integers(text) or (other_floats(text) if not text.endswith("n") else ())
    if node.type in ("true", "false"):
        return other_booleans(text)
    if node.type in ("null", "undefined"):
        return (b"0", b"'x'", b"7")
    if node.type == "identifier" and text.endswith("Error") and text[:1].isupper():
        known = _ERRORS if text in _ERRORS else _ERRORS[:2]
        return [other.encode() for other in known if other != text]
    return [_EMPTY[text.encode()]] if text.encode() in _EMPTY else ()


def _own(node: "Node") -> Iterator["Node"]:
    """Return all nodes below one, but for functions, and for what functions of the answer are called with."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if one.type in FUNCTIONS or of_template(one):
            continue
        yield one
        if one.type in ("call_expression", "new_expression"):
            waiting += _made(one)
        elif one.type in ("member_expression", "subscript_expression"):
            continue
        else:
            waiting += reversed(one.named_children)


def of_template(node: "Node") -> bool:
    """Say whether a node is a text with something in it that is computed."""
    return node.type == "template_string" and any(
        o.type == "template_substitution" for o in node.named_children
    )


def _made(call: "Node") -> list["Node"]:
    """Return what a call makes a value of."""
    function = call.child_by_field_name("function") or call.child_by_field_name("constructor")
    arguments = call.child_by_field_name("arguments")
    found: list[Node] = []
    if (
        function is not None
        and function.type == "member_expression"
        and _OF_VALUES.fullmatch(text_of(function))
    ):
        found = [one for one in [function.child_by_field_name("object")] if one is not None]
    if arguments is not None and _MAKERS.fullmatch(text_of(function)):
        found += reversed(arguments.named_children)
    return found
