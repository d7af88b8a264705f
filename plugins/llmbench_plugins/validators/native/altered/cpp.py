"""C++: what assertions of Catch2 compare, what is called expected, exceptions, assertions turned round."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmbench_plugins.validators.native.altered.cpp_tests import (
    Item,
    TestFile,
    arguments,
    assertions,
    called,
    declared_name,
    operands,
    parameter_names,
)
from llmbench_plugins.validators.native.altered.places import Place, Rank
from llmbench_plugins.validators.native.altered.replacing import (
    other_booleans,
    other_characters,
    other_floats,
    other_integers,
    other_strings,
)
from llmbench_plugins.validators.native.altered.syntax import of_type, text_of, walk
from llmbench_plugins.validators.native.suite import Suite

if TYPE_CHECKING:
    from tree_sitter import Node

_SOURCES = (".cpp", ".cc", ".cxx")
_EXPECTED = re.compile(r"(?i)want|exp|^out|result|answer|correct|valid")
_SURELY = re.compile(r"(?i)want|exp|correct")
"""Names of what no answer has returned."""
_STARTS = ("initializer_list", "argument_list")
_QUOTED = re.compile(r"((?:u8|[uUL])?R?[\"'](?:(?<=R\")[^(\s]*\()?)(.*?)((?:\)[^)\"]*)?[\"'])", re.DOTALL)
_FLOAT = re.compile(r"(?i)(?!0x)[\d']*(?:\.|\d+e)")
_MAKERS = {
    *("vector", "string", "array", "map", "set", "pair", "tuple", "optional", "string_view", "list"),
    *("make_pair", "make_tuple", "make_optional", "complex", "to_string", "Approx", "duration", "seconds"),
    *("Equals", "Contains", "StartsWith", "EndsWith", "Matches", "Message", "VectorContains"),
    *("UnorderedEquals", "WithinAbs", "WithinRel", "WithinULP", "time_from_string", "from_string"),
}
"""Functions that make a value of what they are called with, or compare with it; classes do as well."""
_TURNED = {
    "REQUIRE": "REQUIRE_FALSE",
    "REQUIRE_FALSE": "REQUIRE",
    "CHECK": "CHECK_FALSE",
    "CHECK_FALSE": "CHECK",
    "REQUIRE_NOTHROW": "REQUIRE_THROWS",
    "REQUIRE_THROWS": "REQUIRE_NOTHROW",
    "CHECK_NOTHROW": "CHECK_THROWS",
    "CHECK_THROWS": "CHECK_NOTHROW",
}
_LOGIC = ("std::domain_error", "std::out_of_range", "std::length_error", "std::invalid_argument")
_RUNTIME = ("std::range_error", "std::overflow_error", "std::underflow_error")
_RARE = ("std::bad_cast", "std::bad_typeid", "std::bad_exception")
_ERRORS = {
    **{name: tuple(other for other in _LOGIC if other != name) for name in _LOGIC},
    **{name: tuple(other for other in _RUNTIME if other != name) for name in _RUNTIME},
    "std::runtime_error": _LOGIC,
    "std::logic_error": _RUNTIME,
}
"""What may stand for an exception: no class that could derive from it, or that it derives from."""


def places(suite: Suite) -> Iterable[Place]:
    """Return what may be altered in a suite's tests."""
    for path, source in suite.tests.items():
        if path.endswith(_SOURCES):
            tests = TestFile(source)
            for item in tests.items:
                if names := frozenset(tests.reached_by[item.unit]):
                    yield from _Reader(tests, path, item, names).places()


@dataclass(frozen=True, slots=True)
class _Reader:
    file: TestFile
    path: str
    item: Item
    tests: frozenset[str]

    def places(self) -> Iterator[Place]:
        """Return the places of one item."""
        for call in assertions(self.item.node):
            yield from self._asserted(call)
        for node in walk(self.item.node):
            if node.type in ("init_declarator", "assignment_expression"):
                yield from self._named(node)
            elif node.type == "declaration":
                yield from self._rows(node)
            elif node.type == "call_expression":
                yield from self._handed(node)
            elif node.type == "for_range_loop":
                yield from self._values([node.child_by_field_name("right")], Rank.UNKNOWN)
        if self.item.is_test:
            start = self.item.node.start_byte
            yield self._place(start, start + 1, [b"{ FAIL();"], Rank.OUTCOME)

    def _place(self, start: int, end: int, replacements: Sequence[bytes], rank: Rank) -> Place:
        return Place(
            path=self.path,
            start=start,
            end=end,
            replacements=tuple(replacements),
            unit=f"{self.path}:{self.item.unit}",
            tests=self.tests,
            rank=rank,
        )

    def _other(self, node: "Node", replacements: Sequence[bytes], rank: Rank) -> Place:
        return self._place(node.start_byte, node.end_byte, replacements, rank)

    def _asserted(self, call: "Node") -> Iterator[Place]:
        """Return what an assertion compares with, and the assertion turned round."""
        macro, given = call.child_by_field_name("function"), arguments(call)
        name = text_of(macro)
        compared = operands(call)
        if len(compared) == 2:
            yield from self._values(compared, Rank.COMPARED)
        if macro is not None and name in _TURNED:
            yield self._other(macro, [_TURNED[name].encode()], Rank.NEGATED)
        if len(given) < 2:
            return
        if name.endswith("_THROWS_AS"):
            others = _ERRORS.get(text_of(given[1]), _RARE)
            yield self._other(given[1], [other.encode() for other in others], Rank.COMPARED)
        elif name.endswith(("_THAT", "_WITH", "_MATCHES")):
            yield from self._values(given[-1:], Rank.COMPARED)
            if given[-1].type not in ("string_literal", "concatenated_string"):
                turned = b"!(" + (given[-1].text or b"") + b")"
                yield self._other(given[-1], [turned], Rank.NEGATED)

    def _named(self, node: "Node") -> Iterator[Place]:
        """Return the values in a variable that is compared or has a telling name."""
        value = node.child_by_field_name("value") or node.child_by_field_name("right")
        name = declared_name(node)
        if _EXPECTED.search(name):
            yield from self._values([value], Rank.NAMED, called_too=bool(_SURELY.search(name)))
        elif name in self.file.compared - self._given():
            yield from self._values([value], Rank.UNKNOWN)

    def _given(self) -> set[str]:
        """Return the variables that the answer is called with: what is compared as well is an input."""
        calls = [
            call
            for call in of_type(self.item.node, "call_expression")
            if call not in assertions(self.item.node) and not _is_maker(called(call), self.file)
        ]
        lists = [one.child_by_field_name("value") for one in of_type(self.item.node, "init_declarator")]
        given = [arguments(call) for call in calls]
        given += [one.named_children for one in lists if one is not None and one.type in _STARTS]
        return {text_of(one) for found in given for each in found for one in of_type(each, "identifier")}

    def _rows(self, declaration: "Node") -> Iterator[Place]:
        """Return the values in rows of a table whose fields are compared or have telling names."""
        kinds = {text_of(one) for one in walk(declaration) if one.type == "type_identifier"}
        fields = next((names for kind, names in self.file.structs.items() if kind in kinds), [])
        for row in _rows(declaration) if fields else []:
            for name, cell in zip(fields, row.named_children, strict=False):
                if name in self.file.fields or _EXPECTED.search(name):
                    yield from self._values([cell], Rank.NAMED)

    def _handed(self, call: "Node") -> Iterator[Place]:
        """Return the values that a helper compares, or that are put into what is compared."""
        function = call.child_by_field_name("function")
        if function is not None and function.type == "field_expression":
            owner = text_of(function.child_by_field_name("argument"))
            if _EXPECTED.search(owner):
                yield from self._values(arguments(call), Rank.NAMED)
        elif (helper := self.file.helper(called(call))) is not None:
            asserts = bool(assertions(helper.node))
            for name, argument in zip(parameter_names(helper.node), arguments(call), strict=False):
                if name in self.file.compared or _EXPECTED.search(name):
                    yield from self._values([argument], Rank.NAMED)
                elif asserts:
                    yield from self._values([argument], Rank.UNKNOWN)

    def _values(
        self, nodes: Iterable["Node | None"], rank: Rank, *, called_too: bool = False
    ) -> Iterator[Place]:
        """Return literals and names of variants in some nodes, but for what the answer is called with."""
        for one in _own([node for node in nodes if node is not None], self.file, called_too=called_too):
            text = text_of(one)
            if one.type == "number_literal":
                yield self._other(one, _numbers(text), rank)
            elif one.type in ("true", "false"):
                yield self._other(one, other_booleans(text), rank)
            elif one.type == "qualified_identifier" and (others := self._variants(text)):
                yield self._other(one, others, rank)
            elif (quoted := _QUOTED.fullmatch(text)) is not None and "literal" in one.type:
                others = (other_characters if one.type == "char_literal" else other_strings)(quoted[2])
                around = quoted[1].encode(), quoted[3].encode()
                yield self._other(one, [around[0] + other + around[1] for other in others], rank)

    def _variants(self, text: str) -> tuple[bytes, ...]:
        """Return the names that could stand for a variant's, as ``Color::red`` for ``Color::blue``."""
        scope, colons, name = text.rpartition("::")
        known = self.file.variants.get(scope + colons, set())
        return (
            tuple(f"{scope}::{other}".encode() for other in sorted(known - {name})) if name in known else ()
        )


def _rows(declaration: "Node") -> Iterator["Node"]:
    """Return the innermost lists of values in a declaration."""
    for one in of_type(declaration, "initializer_list"):
        if not any(inner.type == "initializer_list" for inner in one.named_children):
            yield one


def _numbers(text: str) -> tuple[bytes, ...]:
    if _FLOAT.match(text):
        return other_floats(text)
    sign = "-" if text.startswith("-") else ""
    return tuple(
        sign.encode() + other.replace(b"_", b"'")
        for other in other_integers(text.removeprefix(sign).replace("'", "_"))
    )


def _own(nodes: Sequence["Node"], file: TestFile, *, called_too: bool) -> Iterator["Node"]:
    """Return all nodes in some, but for types and, unless asked for, what the answer is called with."""
    waiting = list(reversed(nodes))
    while waiting:
        one = waiting.pop()
        if one.type in ("template_argument_list", "type_descriptor", "lambda_expression", "comment"):
            continue
        yield one
        if one.type == "call_expression" and not (called_too or _is_maker(called(one), file)):
            function = one.child_by_field_name("function")
            waiting += [function] if function is not None and function.type == "field_expression" else []
        elif one.type == "subscript_expression":
            waiting += one.named_children[:1]
        elif one.type not in ("qualified_identifier", "template_type"):
            waiting += reversed(one.children)


def _is_maker(name: str, file: TestFile) -> bool:
    return name in _MAKERS or name[:1].isupper() or file.helper(name) is not None
