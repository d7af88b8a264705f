"""What the tests of a package in Go consist of, and which test reaches what."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from llmbench_plugins.validators.native.altered.syntax import of_type, root_of, text_of, walk

if TYPE_CHECKING:
    from tree_sitter import Node

_TEST = re.compile(r"Test(?![a-z])\w*")
_EQUAL = re.compile(r"(?i)equal|same|compare|diff|match|assert|expect|check|verify|test")
_COMPARING = ("==", "!=")
_SAYING = {"t", "b", "fmt", "log"}


@dataclass(frozen=True, slots=True)
class Declared:
    """A function, a variable or a constant of a package's tests."""

    path: str
    name: str
    node: "Node"

    @property
    def is_function(self) -> bool:
        """Whether it is one."""
        return self.node.type in ("function_declaration", "method_declaration")


@dataclass(frozen=True)
class Package:
    """The sources of one package's tests."""

    sources: Mapping[str, bytes] = field(repr=False)

    @cached_property
    def roots(self) -> dict[str, "Node"]:
        """The sources' trees."""
        return {path: root_of("go", source) for path, source in self.sources.items()}

    @cached_property
    def declared(self) -> list[Declared]:
        """Everything that is declared beside types."""
        return [each for path, root in self.roots.items() for each in _declared(path, root)]

    @cached_property
    def types(self) -> dict[str, "Node"]:
        """The types, by name."""
        specs = [spec for root in self.roots.values() for spec in of_type(root, "type_spec")]
        found = {
            text_of(spec.child_by_field_name("name")): spec.child_by_field_name("type") for spec in specs
        }
        return {name: node for name, node in found.items() if node is not None}

    @cached_property
    def tests(self) -> list[Declared]:
        """The functions that are tests."""
        return [
            each
            for each in self.declared
            if each.node.type == "function_declaration"
            and _TEST.fullmatch(each.name)
            and "testing.T)" in text_of(each.node.child_by_field_name("parameters"))
        ]

    @cached_property
    def reached_by(self) -> dict[str, set[str]]:
        """The tests that reach a declaration, by its name."""
        known = {each.name for each in self.declared}
        uses: dict[str, set[str]] = {}
        for each in self.declared:
            uses.setdefault(each.name, set()).update(_names_in(each.node) & known)
        reached: dict[str, set[str]] = {name: set() for name in known}
        for test in self.tests:
            waiting, seen = [test.name], {test.name}
            while waiting:
                name = waiting.pop()
                reached[name].add(test.name)
                new = uses[name] - seen
                seen |= new
                waiting += new
        return reached

    @cached_property
    def roles(self) -> "Roles":
        """What fields are to the tests that use them."""
        return _roles([each.node for each in self.declared if each.is_function])


@dataclass(frozen=True, slots=True)
class Roles:
    """Fields of cases and parameters, by what tests do with them."""

    compared: set[str] = field(default_factory=set)
    given: set[str] = field(default_factory=set)
    """Handed to functions."""
    naming: set[str] = field(default_factory=set)
    """The names of rows."""


def _declared(path: str, root: "Node") -> Iterator[Declared]:
    for node in root.named_children:
        if node.type in ("function_declaration", "method_declaration"):
            yield Declared(path, text_of(node.child_by_field_name("name")), node)
        elif node.type in ("var_declaration", "const_declaration"):
            for spec in of_type(node, "var_spec", "const_spec"):
                for name in spec.children_by_field_name("name"):
                    yield Declared(path, text_of(name), spec)


def _names_in(node: "Node") -> set[str]:
    return {text_of(one) for one in walk(node) if one.type in ("identifier", "field_identifier")}


def called(call: "Node") -> str:
    """Return the last part of the name of the function that is called."""
    function = call.child_by_field_name("function")
    return text_of(function).rpartition(".")[2]


def is_comparison(node: "Node") -> bool:
    """Say whether a node compares two values, or calls a function that sounds as if it did."""
    if node.type == "binary_expression":
        return text_of(node.child_by_field_name("operator")) in _COMPARING
    return node.type == "call_expression" and bool(_EQUAL.search(called(node)))


def is_said(call: "Node") -> bool:
    """Say whether a call only tells people something."""
    return text_of(call.child_by_field_name("function")).partition(".")[0] in _SAYING


def _roles(functions: list["Node"]) -> Roles:
    roles = Roles()
    for node in [one for function in functions for one in walk(function)]:
        if is_comparison(node):
            roles.compared.update(_operands(node))
        elif node.type == "call_expression" and called(node) == "Run":
            roles.naming.update(_first_names(node))
        elif node.type == "call_expression" and not is_said(node):
            roles.given.update(_operands(node))
        elif node.type in ("if_statement", "unary_expression", "expression_case"):
            condition = node.child_by_field_name("condition") or node.child_by_field_name("operand")
            roles.compared.update(_direct(condition or node.child_by_field_name("value")))
    return roles


def _operands(node: "Node") -> Iterator[str]:
    arguments = node.child_by_field_name("arguments")
    for one in (arguments or node).named_children:
        yield from _direct(one)


def _direct(node: "Node | None") -> Iterator[str]:
    """Return the name of a field or variable where a node is one, or several joined by ``&&``."""
    if node is None:
        return
    if node.type == "selector_expression":
        yield text_of(node.child_by_field_name("field"))
    elif node.type == "identifier":
        yield text_of(node)
    elif node.type in ("index_expression", "slice_expression"):
        yield from _direct(node.child_by_field_name("operand"))
    elif node.type in ("unary_expression", "parenthesized_expression", "expression_list") or (
        node.type == "binary_expression" and not is_comparison(node)
    ):
        for one in node.named_children:
            yield from _direct(one)


def _first_names(call: "Node") -> Iterator[str]:
    arguments = call.child_by_field_name("arguments")
    if arguments is not None and arguments.named_children:
        for one in walk(arguments.named_children[0]):
            yield from _direct(one)
