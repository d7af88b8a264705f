"""Rust: what assertions compare, what is called expected, assertions turned round, and tests that panic."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmbench_plugins.validators.native.altered.places import Place, Rank
from llmbench_plugins.validators.native.altered.replacing import (
    other_booleans,
    other_characters,
    other_floats,
    other_integers,
    other_strings,
)
from llmbench_plugins.validators.native.altered.rust_tests import Item, TestFile, assertions, operands
from llmbench_plugins.validators.native.altered.syntax import of_type, text_of, walk
from llmbench_plugins.validators.native.suite import Suite

if TYPE_CHECKING:
    from tree_sitter import Node

_FILE = re.compile(r"tests/([^/]+?)(?:/main)?\.rs")
_EXPECTED = re.compile(r"(?i)want|exp|^out|result|answer|correct|valid")
_QUOTED = re.compile(r"(b?r?#*[\"'])(.*)([\"']#*)", re.DOTALL)
_LITERALS = {
    "integer_literal": other_integers,
    "float_literal": other_floats,
    "boolean_literal": other_booleans,
}
_QUOTES = ("string_literal", "raw_string_literal", "char_literal")
_MAKERS = {
    *(
        "vec",
        "from",
        "from_str",
        "to_string",
        "to_owned",
        "to_vec",
        "into",
        "into_iter",
        "iter",
        "new",
        "format",
    ),
    *("collect", "cloned", "copied", "map", "with_attrs", "with_nodes", "with_edges", "as_bytes", "repeat"),
}
"""Functions and macros that make a value of what they are called with."""


def places(suite: Suite) -> Iterable[Place]:
    """Return what may be altered in a suite's tests."""
    for path, source in suite.tests.items():
        if found := _FILE.fullmatch(path):
            tests = TestFile(source)
            for item in tests.items:
                if reaching := tests.reached_by[item.full_name]:
                    names = frozenset(f"{found[1]}::{test}" for test in reaching)
                    yield from _Reader(tests, path, item, names).places()


@dataclass(frozen=True, slots=True)
class _Reader:
    file: TestFile
    path: str
    item: Item
    tests: frozenset[str]

    def places(self) -> Iterator[Place]:
        """Return the places of one item."""
        if self.item.node.type in ("const_item", "static_item"):
            rank = Rank.NAMED if self._is_expected(self.item.name) else Rank.UNKNOWN
            yield from self._values([self.item.node], rank)
            return
        for macro in assertions(self.item.node):
            yield from self._asserted(macro)
        for node in walk(self.item.node):
            if node.type in ("let_declaration", "const_item", "static_item"):
                yield from self._named(node)
            elif node.type == "call_expression":
                yield from self._handed(node)
            elif node.type == "for_expression":
                yield from self._values([node.child_by_field_name("value")], Rank.UNKNOWN)
        if self.item.is_test:
            yield from self._outcome()

    def _place(self, start: int, end: int, replacements: Sequence[bytes], rank: Rank) -> Place:
        return Place(
            path=self.path,
            start=start,
            end=end,
            replacements=tuple(replacements),
            unit=f"{self.path}:{self.item.full_name}",
            tests=self.tests,
            rank=rank,
        )

    def _is_expected(self, name: str) -> bool:
        return bool(_EXPECTED.search(name))

    def _asserted(self, macro: "Node") -> Iterator[Place]:
        """Return the literals that an assertion compares, and the assertion turned round."""
        name = macro.child_by_field_name("macro")
        compared = operands(macro)
        if name is None or not compared:
            return
        if len(compared) == 2:
            for operand in compared:
                yield from self._values(operand, Rank.COMPARED)
        if text_of(name) == "assert":
            start, end = _first_argument(macro)
            turned = b"!(" + self.file.source[start:end] + b")"
            yield self._place(start, end, [turned], Rank.NEGATED)
        elif text_of(name) in _TURNED:
            yield self._place(name.start_byte, name.end_byte, [_TURNED[text_of(name)]], Rank.NEGATED)

    def _named(self, node: "Node") -> Iterator[Place]:
        """Return the literals in a variable that is compared or has a telling name."""
        pattern = node.child_by_field_name("pattern") or node.child_by_field_name("name")
        value = node.child_by_field_name("value")
        if self._is_expected(text_of(pattern)):
            yield from self._values([value], Rank.NAMED)
        elif text_of(pattern) in self.file.compared:
            yield from self._values([value], Rank.UNKNOWN)

    def _handed(self, call: "Node") -> Iterator[Place]:
        """Return the literals that a helper compares, or that are put into what is compared."""
        function = call.child_by_field_name("function")
        arguments = call.child_by_field_name("arguments")
        if function is None or arguments is None:
            return
        if function.type == "field_expression":
            owner = text_of(function.child_by_field_name("value"))
            if self._is_expected(owner):
                yield from self._values([arguments], Rank.NAMED)
        elif (helper := self.file.helper(text_of(function).rpartition("::")[2])) is not None:
            names = [text_of(one.child_by_field_name("pattern")) for one in of_type(helper.node, "parameter")]
            given = [one for one in arguments.named_children if "comment" not in one.type]
            for name, argument in zip(names, given, strict=False):
                if name in self.file.compared or self._is_expected(name):
                    yield from self._values([argument], Rank.NAMED)

    def _outcome(self) -> Iterator[Place]:
        """Return where a test is told to panic, or could be."""
        for one in self.item.attributes:
            if "should_panic" in text_of(one):
                blank = b"".join(b"\n" if byte == 10 else b" " for byte in one.text or b"")
                yield self._place(one.start_byte, one.end_byte, [blank], Rank.COMPARED)
                return
        if self.item.node.child_by_field_name("return_type") is None:
            start = self.item.node.start_byte
            yield self._place(start, start, [b"#[should_panic] "], Rank.OUTCOME)

    def _values(self, nodes: Iterable["Node | None"], rank: Rank) -> Iterator[Place]:
        """Return the literals and names of variants in some nodes, but for what functions are called with."""
        for one in _own([node for node in nodes if node is not None], self.file):
            text = text_of(one)
            if one.type in _LITERALS:
                yield self._place(one.start_byte, one.end_byte, _LITERALS[one.type](text), rank)
            elif one.type in _QUOTES and (quoted := _QUOTED.fullmatch(text)):
                others = (other_characters if one.type == "char_literal" else other_strings)(quoted[2])
                new = [quoted[1].encode() + other + quoted[3].encode() for other in others]
                yield self._place(one.start_byte, one.end_byte, new, rank)
            elif one.type == "identifier" and text == "None":
                yield self._place(one.start_byte, one.end_byte, [b"Some(Default::default())"], Rank.UNKNOWN)
            elif one.type == "identifier" and (names := self._variants(one)):
                yield self._place(one.start_byte, one.end_byte, names, rank)

    def _variants(self, node: "Node") -> list[bytes]:
        """Return the names that could stand for a variant's, as ``Less`` in ``Ordering::Less``."""
        source = self.file.source
        before = re.search(rb"\b([A-Z]\w*)\s*::\s*$", source[max(0, node.start_byte - 80) : node.start_byte])
        known = self.file.variants.get(before[1].decode(), set()) if before else set()
        return sorted(name.encode() for name in known - {text_of(node)}) if text_of(node) in known else []


_NAMED_BY = {"generic_function": "function", "field_expression": "field", "scoped_identifier": "name"}
_TURNED = {"assert_eq": b"assert_ne", "assert_ne": b"assert_eq"}


def _first_argument(macro: "Node") -> tuple[int, int]:
    """Return where what ``assert!`` asks begins and ends."""
    tree = next(one for one in macro.children if one.type == "token_tree")
    inner = tree.children[1:-1]
    comma = next((number for number, one in enumerate(inner) if text_of(one) == ","), len(inner))
    return inner[0].start_byte, inner[comma - 1].end_byte


def _own(nodes: Sequence["Node"], file: TestFile) -> Iterator["Node"]:
    """Return all nodes below some, but for types and for what functions of the answer are called with."""
    waiting = _not_called_with(nodes, file)
    while waiting:
        one = waiting.pop()
        if one.type in (
            "generic_type",
            "array_type",
            "closure_expression",
            "type_arguments",
            "attribute_item",
        ):
            continue
        yield one
        if one.type == "call_expression" and not _is_maker(_called(one), file):
            function = one.child_by_field_name("function")
            waiting += [function] if function is not None and function.type == "field_expression" else []
            continue
        waiting += _not_called_with(one.children, file)


def _not_called_with(nodes: Sequence["Node"], file: TestFile) -> list["Node"]:
    """Return nodes in the reverse order, but for what functions of the answer are called with in a macro."""
    return [
        one
        for number, one in reversed(list(enumerate(nodes)))
        if not (one.type == "token_tree" and _is_call(nodes, number, file))
    ]


def _is_call(tokens: Sequence["Node"], number: int, file: TestFile) -> bool:
    """Say whether a token tree is what a function of the answer is called with."""
    before = tokens[number - 1] if number else None
    if before is None or before.type not in ("identifier", "field_identifier"):
        return False
    return not _is_maker(text_of(before), file)


def _called(call: "Node") -> str:
    """Return the last part of the name of the function that is called."""
    function = call.child_by_field_name("function")
    while function is not None and function.type in _NAMED_BY:
        function = function.child_by_field_name(_NAMED_BY[function.type])
    return text_of(function)


def _is_maker(name: str, file: TestFile) -> bool:
    """Say whether a function makes a value of what it is called with: the language's own, or a test's."""
    return name in _MAKERS or name[:1].isupper() or file.helper(name) is not None
