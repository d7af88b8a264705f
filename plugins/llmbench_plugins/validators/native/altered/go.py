"""Go: rows of tables of cases, values that are compared, and conditions under which tests fail."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from llmbench_plugins.validators.native.altered.go_tests import (
    Declared,
    Package,
    called,
    is_comparison,
    is_said,
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

_EXPECTED = re.compile(r"(?i)want|exp|^out|output|result|answer|score|valid|^ok$|err|fail")
_FAILING = {"Fatal", "Fatalf", "Error", "Errorf", "Fail", "FailNow"}
_TYPES = ("array_type", "slice_type", "map_type", "struct_type", "interface_type", "import_declaration")
_LITERALS = {
    "int_literal": other_integers,
    "float_literal": other_floats,
    "true": other_booleans,
    "false": other_booleans,
}


def places(suite: Suite) -> Iterable[Place]:
    """Return what may be altered in a suite's tests."""
    folders: dict[str, dict[str, bytes]] = {}
    for path, source in suite.hidden.items():
        if path.endswith("_test.go"):
            folders.setdefault(path.rpartition("/")[0], {})[path] = source
    for folder, sources in folders.items():
        package = Package(sources)
        for declared in package.declared:
            if tests := package.reached_by[declared.name]:
                names = frozenset(f"{folder}/{test}".removeprefix("/") for test in tests)
                yield from _Reader(package, declared, names).places()


@dataclass(frozen=True, slots=True)
class _Reader:
    package: Package
    declared: Declared
    tests: frozenset[str]

    def places(self) -> Iterator[Place]:
        """Return the places of one declaration."""
        tables = list(_tables(self.declared.node))
        for table in tables:
            yield from self._rows(table)
        if self.declared.is_function:
            for place in [*self._compared(), *self._negated(), *self._failing()]:
                if not any(t.start_byte <= place.start and place.end <= t.end_byte for t in tables):
                    yield place
        elif not tables:
            rank = Rank.NAMED if _EXPECTED.search(self.declared.name) else Rank.UNKNOWN
            yield from self._values(self.declared.node, rank)

    def _place(self, node: "Node", replacements: tuple[bytes, ...], rank: Rank) -> Place:
        unit = f"{self.declared.path}:{self.declared.name}"
        return Place(
            path=self.declared.path,
            start=node.start_byte,
            end=node.end_byte,
            replacements=replacements,
            unit=unit,
            tests=self.tests,
            rank=rank,
        )

    def _values(self, node: "Node", rank: Rank) -> Iterator[Place]:
        """Return the literals in a node, but for those that functions are called with."""
        for one in _own(node):
            if one.type in _LITERALS:
                yield self._place(one, _LITERALS[one.type](text_of(one)), rank)
            elif one.type in ("interpreted_string_literal", "raw_string_literal", "rune_literal"):
                quoted = text_of(one)[1:-1]
                quote = text_of(one)[:1].encode()
                others = other_characters(quoted) if quote == b"'" else other_strings(quoted)
                yield self._place(one, tuple(quote + other + quote for other in others), rank)

    def _rows(self, table: "Node") -> Iterator[Place]:
        fields = _fields(table, self.package)
        for row in _elements(table):
            found = list(self._row(row, fields))
            names = {_unquoted(text_of(one)) for one, role in _cells(row, fields) if self._is_name(role)}
            names |= (
                {_unquoted(text_of(row.child_by_field_name("key")))} if row.type == "keyed_element" else set()
            )
            parts = frozenset(f"{test}/{_as_part(name)}" for name in names if name for test in self.tests)
            if parts:
                unit = f"{self.declared.path}:{self.declared.name}:{row.start_byte}"
                found = [replace(place, unit=unit, parts=parts) for place in found]
            yield from found

    def _row(self, row: "Node", fields: list[str]) -> Iterator[Place]:
        for cell, name in _cells(row, fields):
            if not self._is_name(name) and (rank := self._rank(name)) is not None:
                yield from self._values(cell, rank)

    def _is_name(self, field: str) -> bool:
        roles = self.package.roles
        return field in roles.naming and field not in roles.compared

    def _rank(self, field: str) -> Rank | None:
        roles = self.package.roles
        if field in roles.compared and field not in roles.given:
            return Rank.COMPARED
        if _EXPECTED.search(field) or field in roles.compared:
            return Rank.NAMED
        return None if field in roles.given else Rank.UNKNOWN

    def _compared(self) -> Iterator[Place]:
        """Return literals that are compared, or stand in variables that are."""
        compared = self.package.roles.compared
        for node in walk(self.declared.node):
            if is_comparison(node):
                for operand in (node.child_by_field_name("arguments") or node).named_children:
                    yield from self._values(operand, Rank.COMPARED)
            elif node.type in ("short_var_declaration", "var_spec", "const_spec", "assignment_statement"):
                named = node.child_by_field_name("left") or node.child_by_field_name("name")
                value = node.child_by_field_name("right") or node.child_by_field_name("value")
                if value is None:
                    continue
                if _EXPECTED.search(text_of(named)):
                    yield from self._values(value, Rank.NAMED)
                elif text_of(named) in compared:
                    yield from self._values(value, Rank.UNKNOWN)

    def _negated(self) -> Iterator[Place]:
        """Return conditions under which a test fails."""
        for node in of_type(self.declared.node, "if_statement", "expression_case"):
            condition = node.child_by_field_name("condition") or _only(node.child_by_field_name("value"))
            if condition is not None and _fails(node):
                turned = f"!({text_of(condition)})".encode()
                if is_comparison(condition) or node.type == "if_statement":
                    yield self._place(condition, (turned,), Rank.NEGATED)

    def _failing(self) -> Iterator[Place]:
        """Return the beginning of a test."""
        body = self.declared.node.child_by_field_name("body")
        taken = re.search(
            r"(\w+) \*testing\.T\)", text_of(self.declared.node.child_by_field_name("parameters"))
        )
        if (
            body is None
            or taken is None
            or taken[1] == "_"
            or self.declared.name not in {test.name for test in self.package.tests}
        ):
            return
        at = self._place(body, (f"{{ {taken[1]}.Fail(); ".encode(),), Rank.OUTCOME)
        yield replace(at, end=at.start + 1)


def _own(node: "Node") -> Iterator["Node"]:
    """Return all nodes in a node, but for types, functions, and what functions are called with."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if one.type in _TYPES or one.type == "func_literal":
            continue
        yield one
        if one.type == "call_expression" and not _makes_a_value(one):
            continue
        waiting += reversed(one.children)


def _makes_a_value(call: "Node") -> bool:
    """Say whether a call only makes a value of its arguments: a conversion, an error, a pointer."""
    name = called(call)
    return name in {"New", "Errorf", "string", "byte", "rune"} or bool(
        re.fullmatch(r"u?int\d*|float\d\d", name)
    )


def _tables(node: "Node") -> Iterator["Node"]:
    """Return the outermost composite literals of several rows."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if one.type == "composite_literal" and len(_elements(one)) > 1:
            yield one
        else:
            waiting += reversed(one.children)


def _elements(table: "Node") -> list["Node"]:
    """Return the elements of a literal that are rows: composite themselves, or under keys of a map."""
    body, kind = table.child_by_field_name("body"), table.child_by_field_name("type")
    if body is None or kind is None or kind.type in ("struct_type", "qualified_type"):
        return []
    if kind.type == "map_type":
        return [one for one in body.named_children if one.type == "keyed_element"]
    if kind.type == "type_identifier":
        return []
    return [one for one in body.named_children if _composite(one) is not None]


def _composite(element: "Node") -> "Node | None":
    """Return the braces of a row."""
    value = element.child_by_field_name("value") if element.type == "keyed_element" else element
    inner = _only(value)
    if inner is not None and inner.type == "unary_expression":
        inner = inner.child_by_field_name("operand")
    if inner is not None and inner.type == "composite_literal":
        inner = inner.child_by_field_name("body")
    return inner if inner is not None and inner.type == "literal_value" else None


def _only(node: "Node | None") -> "Node | None":
    return node.named_children[0] if node is not None and len(node.named_children) == 1 else None


def _cells(row: "Node", fields: list[str]) -> Iterator[tuple["Node", str]]:
    """Return the values of a row, each with the name of its field, empty where that is not known."""
    braces = _composite(row)
    if braces is None:
        value = row.child_by_field_name("value")
        if value is not None:
            yield value, ""
        return
    for number, cell in enumerate(one for one in braces.named_children if one.type != "comment"):
        key, value = cell.child_by_field_name("key"), cell.child_by_field_name("value")
        if key is not None and value is not None:
            yield value, text_of(key)
        else:
            yield cell, fields[number] if number < len(fields) else ""


def _fields(table: "Node", package: Package) -> list[str]:
    """Return the names of the fields of a table's rows, in their order."""
    kind = table.child_by_field_name("type")
    element = (
        None if kind is None else kind.child_by_field_name("element") or kind.child_by_field_name("value")
    )
    if element is not None and element.type == "pointer_type":
        element = _only(element)
    struct = package.types.get(text_of(element), element)
    if struct is None or struct.type != "struct_type":
        return []
    return [
        text_of(name)
        for declaration in of_type(struct, "field_declaration")
        for name in declaration.children_by_field_name("name")
    ]


def _fails(node: "Node") -> bool:
    return any(called(call) in _FAILING and is_said(call) for call in of_type(node, "call_expression"))


def _unquoted(text: str) -> str:
    return text[1:-1] if text[:1] in ('"', "`") and text[:1] == text[-1:] else ""


def _as_part(name: str) -> str:
    """Return how Go's ``testing`` writes a name in that of a subtest."""
    return re.sub(r"\s", "_", name)
