"""What a file of tests in C++, for Catch2, consists of, and which test reaches what."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from llmbench_plugins.validators.native.altered.syntax import of_type, root_of, text_of, walk

if TYPE_CHECKING:
    from tree_sitter import Node

_TESTS = {"TEST_CASE": 0, "TEST_CASE_METHOD": 1, "SCENARIO": 0}
"""Macros that begin a test, with the place of its name among their arguments."""
_GROUPS = {
    *("preproc_if", "preproc_ifdef", "preproc_else", "preproc_elif"),
    *("namespace_definition", "declaration_list", "linkage_specification"),
}
_QUALIFIED = re.compile(rb"\b((?:\w+::)+)(\w+)\b(?!\s*[(<{:&*])")
_ASSERTS = re.compile(r"(?:CATCH_)?(?:REQUIRE|CHECK)(?:_\w+)?")
_ESCAPES = {"\\n": "\n", "\\t": "\t", '\\"': '"', "\\\\": "\\", "\\'": "'"}
_ESCAPED = re.compile(r"""\\[nt"'\\]""")
_NAMES = ("identifier", "field_identifier", "type_identifier")
_USED = re.compile(r"(?!std$)\w+")


@dataclass(frozen=True, slots=True)
class Item:
    """A test, a function or a variable of a file of tests."""

    name: str
    node: "Node"
    is_test: bool = False

    @property
    def unit(self) -> str:
        """The item's own name."""
        return f"{self.name}:{self.node.start_byte}"


@dataclass(frozen=True)
class TestFile:
    """One file of tests."""

    __test__ = False  # pytest takes names that begin with Test for its own
    source: bytes = field(repr=False)

    @cached_property
    def root(self) -> "Node":
        """The file's tree."""
        return root_of("cpp", self.source)

    @cached_property
    def items(self) -> list[Item]:
        """What is declared outside of functions."""
        return list(_items(self.root))

    @cached_property
    def reached_by(self) -> dict[str, set[str]]:
        """The tests that reach an item, by the item's unit."""
        words = {item.unit: _words(item.node) for item in self.items}
        reached: dict[str, set[str]] = {item.unit: set() for item in self.items}
        for test in (item for item in self.items if item.is_test):
            waiting, seen = [test], {test.unit}
            while waiting:
                one = waiting.pop()
                reached[one.unit].add(test.name)
                used = words[one.unit]
                new = [i for i in self.items if not i.is_test and i.name in used and i.unit not in seen]
                seen |= {each.unit for each in new}
                waiting += new
        return reached

    @cached_property
    def compared(self) -> set[str]:
        """The names that stand alone in what assertions compare."""
        return {
            text_of(operand)
            for call in assertions(self.root)
            for operand in operands(call)
            if operand.type == "identifier"
        }

    @cached_property
    def variants(self) -> dict[str, set[str]]:
        """What stands behind the name of a type or a namespace that tests use, by that name."""
        found: dict[str, set[str]] = {}
        for scope, name in _QUALIFIED.findall(self.source):
            if not scope.startswith((b"std::", b"Catch::")):
                found.setdefault(scope.decode(), set()).add(name.decode())
        return found

    @cached_property
    def structs(self) -> dict[str, list[str]]:
        """The fields of structures that the file declares, by their names."""
        return {
            text_of(one.child_by_field_name("name")): [
                _own_name(named)
                for declared in of_type(one, "field_declaration")
                for named in declared.children_by_field_name("declarator")
            ]
            for one in of_type(self.root, "struct_specifier", "class_specifier")
        }

    @cached_property
    def fields(self) -> set[str]:
        """The fields that assertions compare."""
        return {
            text_of(operand.child_by_field_name("field"))
            for call in assertions(self.root)
            for operand in operands(call)
            if operand.type == "field_expression"
        }

    def helper(self, name: str) -> Item | None:
        """Return the function of a name that is no test."""
        return next(
            (i for i in self.items if i.name == name and i.node.type == "function_definition"),
            None,
        )


def _items(node: "Node") -> Iterator[Item]:
    name = ""
    for one in node.named_children:
        if one.type == "compound_statement" and name:
            yield Item(name, one, is_test=True)
        if one.type != "comment":
            name = _test_name(one)
        if one.type in _GROUPS:
            yield from _items(one)
        elif one.type == "template_declaration":
            yield from (Item(named, one.named_children[-1]) for named in _declared(one.named_children[-1]))
        else:
            yield from (Item(named, one) for named in _declared(one))


def _declared(node: "Node") -> list[str]:
    """Return the names that a function's or a variable's declaration brings."""
    if node.type == "function_definition":
        return [called for called in [_own_name(node.child_by_field_name("declarator"))] if called]
    if node.type in ("class_specifier", "struct_specifier", "alias_declaration"):
        return [text_of(node.child_by_field_name("name"))]
    if node.type != "declaration":
        return []
    return [named for one in node.children_by_field_name("declarator") if (named := _own_name(one))]


def _own_name(node: "Node | None") -> str:
    """Return the name that a declarator brings, whatever stands around it."""
    while node is not None and node.type not in (*_NAMES, "qualified_identifier"):
        inner = node.child_by_field_name("declarator")
        if inner is None and node.type in ("reference_declarator", "parenthesized_declarator"):
            inner = next(iter(node.named_children), None)
        node = inner
    return text_of(node).rpartition("::")[2]


def _test_name(node: "Node") -> str:
    """Return the name of the test that a statement begins, as Catch2 says it."""
    call = next(iter(node.named_children), None) if node.type == "expression_statement" else None
    if call is None or call.type != "call_expression":
        return ""
    macro = text_of(call.child_by_field_name("function"))
    given = arguments(call)
    if macro not in _TESTS or len(given) <= _TESTS[macro]:
        return ""
    pieces = [text_of(one)[1:-1] for one in of_type(given[_TESTS[macro]], "string_literal")]
    name = _ESCAPED.sub(lambda found: _ESCAPES[found[0]], "".join(pieces))
    return f"Scenario: {name}" if macro == "SCENARIO" and name else name


def _words(node: "Node") -> set[str]:
    return {text for one in walk(node) if one.type in _NAMES and _USED.fullmatch(text := text_of(one))}


def parameter_names(function: "Node") -> list[str]:
    """Return the names of a function's parameters, in their order."""
    declarator = function.child_by_field_name("declarator")
    parameters = of_type(declarator, "parameter_list") if declarator is not None else []
    if not parameters:
        return []
    return [_own_name(one.child_by_field_name("declarator")) for one in parameters[0].named_children]


def declared_name(node: "Node") -> str:
    """Return the name of what is declared, given a start, or assigned to."""
    left = node.child_by_field_name("left")
    return text_of(left) if left is not None else _own_name(node.child_by_field_name("declarator"))


def arguments(call: "Node") -> list["Node"]:
    """Return what a function or macro is called with."""
    given = call.child_by_field_name("arguments")
    return [one for one in given.named_children if one.type != "comment"] if given is not None else []


def called(call: "Node") -> str:
    """Return the last part of the name of the function that is called."""
    function = call.child_by_field_name("function")
    while function is not None and function.type in ("template_function", "qualified_identifier"):
        function = function.child_by_field_name("name")
    if function is not None and function.type == "field_expression":
        function = function.child_by_field_name("field")
    return text_of(function)


def assertions(node: "Node") -> list["Node"]:
    """Return the calls of macros that assert."""
    return [
        one
        for one in of_type(node, "call_expression")
        if _ASSERTS.fullmatch(text_of(one.child_by_field_name("function")))
    ]


def operands(call: "Node") -> list["Node"]:
    """Return what an assertion compares by ``==`` or ``!=``, or else its only argument."""
    given = arguments(call)
    if len(given) != 1:
        return []
    one = given[0]
    if one.type == "binary_expression" and text_of(one.child_by_field_name("operator")) in ("==", "!="):
        sides = (one.child_by_field_name("left"), one.child_by_field_name("right"))
        return [side for side in sides if side is not None]
    return [one]
