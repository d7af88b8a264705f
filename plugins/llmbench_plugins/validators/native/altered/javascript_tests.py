"""What a file of tests in JavaScript consists of, and which test reaches what."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from llmbench_plugins.validators.native.altered.javascript_rows import row_names
from llmbench_plugins.validators.native.altered.syntax import of_type, root_of, text_of, walk

if TYPE_CHECKING:
    from tree_sitter import Node

_TEST = re.compile(r"[fx]?(?:test|it)(?:\.(?:only|skip|concurrent))*")
_GROUP = re.compile(r"[fx]?(?:describe|suite)(?:\.(?:only|skip))*")
FUNCTIONS = ("arrow_function", "function_expression", "function_declaration")
_NAMES = ("identifier", "shorthand_property_identifier")
_ASSERTION = re.compile(
    r"(?:assert(?:\.strict)?\.)?"
    r"((?:not)?(?:[dD]eep)?(?:[sS]trict)?[eE]qual|ok|throws|rejects|(?:doesNotM|m)atch|doesNotThrow|doesNotReject)|(assert)"
)
_SINGLE = {"ok", "assert", "throws", "rejects", "doesNotThrow", "doesNotReject"}


@dataclass(frozen=True, slots=True)
class Item:
    """A test, or what is declared outside of tests."""

    name: str
    node: "Node"
    names: tuple[str, ...] = ()
    """Of a test: those under which it is reported, one for each row of a table."""
    rows: tuple["Node", ...] = ()
    """Of a test that is made from a table."""

    @property
    def is_test(self) -> bool:
        """Whether it is one."""
        return bool(self.names)

    @property
    def function(self) -> "Node | None":
        """The test's function."""
        return next((one for one in given_to(self.node) if one.type in FUNCTIONS), None)


@dataclass(frozen=True)
class TestFile:
    """One file of tests."""

    __test__ = False  # pytest takes names that begin with Test for its own
    source: bytes = field(repr=False)
    prefix: tuple[str, ...] = ()
    """Stands before the names of tests where there are several files."""

    @cached_property
    def root(self) -> "Node":
        """The file's tree."""
        return root_of("javascript", self.source)

    @cached_property
    def tests(self) -> list[Item]:
        """The tests whose names are known, with a number where a name is another's already."""
        seen: dict[str, int] = {}
        tests = []
        for item in self._tests(self.root, self.prefix):
            names = []
            for name in item.names:
                seen[name] = seen.get(name, 0) + 1
                names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
            tests.append(Item(item.name, item.node, tuple(names), item.rows))
        return tests

    def _tests(self, node: "Node", path: tuple[str, ...]) -> Iterator[Item]:
        waiting = [node]
        while waiting:
            one = waiting.pop()
            called = text_of(one.child_by_field_name("function")) if one.type == "call_expression" else ""
            if _GROUP.fullmatch(called):
                function, name = Item("", one).function, _first_text(one)
                if function is not None and name is not None:
                    yield from self._tests(function, (*path, name))
            elif _TEST.fullmatch(called):
                if (name := _first_text(one)) is not None:
                    full = " > ".join(part for part in (*path, name) if part)
                    yield Item(full, one, (full,))
            elif table := _table(one):
                yield from self._from_table(one, table, path)
            elif one is node or one.type not in FUNCTIONS:
                waiting += reversed(one.children)

    def _from_table(self, call: "Node", table: "Node", path: tuple[str, ...]) -> Iterator[Item]:
        """Return a test of several names, if they can be told from its rows."""
        if table.type == "identifier":
            table = next((i.node for i in self.declared if i.name == text_of(table)), table)
            table = table.child_by_field_name("value") or table
        rows = [one for one in table.named_children if one.type != "comment"] if table.type == "array" else []
        names = row_names(_first_text(call), rows)
        if names:
            full = tuple(" > ".join((*path, name)) for name in names)
            yield Item(full[0], call, full, tuple(rows))

    @cached_property
    def declared(self) -> list[Item]:
        """The functions and variables outside of tests."""
        found = []
        waiting = [self.root]
        while waiting:
            one = waiting.pop()
            called = text_of(one.child_by_field_name("function")) if one.type == "call_expression" else ""
            if _TEST.fullmatch(called):
                continue
            if one.type in ("function_declaration", "variable_declarator"):
                found.append(Item(text_of(one.child_by_field_name("name")), one))
            else:
                waiting += reversed(one.children)
        return found

    @cached_property
    def reached_by(self) -> dict[str, set[str]]:
        """The names of the tests that reach what is declared, by its name."""
        uses: dict[str, set[str]] = {}
        for item in self.declared:
            uses.setdefault(item.name, set()).update(_names_in(item.node))
        reached: dict[str, set[str]] = {name: set() for name in uses}
        for test in self.tests:
            waiting, seen = list(_names_in(test.node) & uses.keys()), set[str]()
            while waiting:
                name = waiting.pop()
                if name not in seen:
                    seen.add(name)
                    reached[name].update(test.names)
                    waiting += uses[name] & uses.keys()
        return reached

    def helper(self, name: str) -> list[str] | None:
        """Return the names of the parameters of a function outside of tests, if there is one."""
        for item in self.declared:
            node = (
                item.node.child_by_field_name("value")
                if item.node.type == "variable_declarator"
                else item.node
            )
            if item.name == name and node is not None and node.type in FUNCTIONS:
                return parameters(node)
        return None

    @cached_property
    def compared(self) -> set[str]:
        """The names that stand alone in what assertions compare."""
        operands = [one for call in of_type(self.root, "call_expression") for one in compared_by(call)]
        return {text_of(one) for one in operands if one.type == "identifier"}

    @cached_property
    def _imported(self) -> set[str]:
        """The names that come from files beside the tests."""
        return {
            text_of(name)
            for one in of_type(self.root, "import_statement")
            if text_of(one.child_by_field_name("source"))[1:2] == "."
            for name in of_type(one, "identifier")
        }

    def compares_objects(self, test: Item) -> bool:
        """Say whether a test compares an object of a class of the answer, whose failing is told at length.

        What asks the object's accessors for that may get new objects without an end.
        """
        made = [
            one.child_by_field_name("value")
            for one in of_type(test.node, "variable_declarator")
            if text_of(one.child_by_field_name("name")) in self.compared
        ]
        made += [one for call in of_type(test.node, "call_expression") for one in compared_by(call)]
        return any(
            one is not None
            and one.type == "new_expression"
            and text_of(one.child_by_field_name("constructor")) in self._imported
            for one in made
        )

    @cached_property
    def given(self) -> set[str]:
        """The names of variables that functions of the answer are called with."""
        return {
            text_of(one)
            for call in of_type(self.root, "call_expression")
            if not (compared_by(call) or self._is_own(call))
            for one in given_to(call)
            if one.type == "identifier"
        }

    def _is_own(self, call: "Node") -> bool:
        name = text_of(call.child_by_field_name("function"))
        return name == "expect" or self.helper(name) is not None


def given_to(call: "Node") -> list["Node"]:
    """Return what a function is called with."""
    arguments = call.child_by_field_name("arguments")
    return [one for one in arguments.named_children if one.type != "comment"] if arguments is not None else []


def _first_text(call: "Node") -> str | None:
    """Return the string that a call begins with, as it is when it runs; None where that can't be told."""
    given = given_to(call)
    return string_of(given[0]) if given else None


def string_of(node: "Node") -> str | None:
    """Return what a string without rare escapes stands for."""
    text = text_of(node)
    if node.type not in ("string", "template_string") or of_type(node, "template_substitution"):
        return None
    simple = {"n": "\n", "t": "\t"}
    if re.search(r"\\[0-9xubfrv\n]", text):
        return None
    return re.sub(r"\\(.)", lambda found: simple.get(found[1], found[1]), text[1:-1])


def _table(node: "Node") -> "Node | None":
    """Return the table of ``test.each(table)(name, function)``."""
    inner = node.child_by_field_name("function") if node.type == "call_expression" else None
    if inner is None or inner.type != "call_expression":
        return None
    called, _, each = text_of(inner.child_by_field_name("function")).rpartition(".")
    arguments = inner.child_by_field_name("arguments")
    if each != "each" or not _TEST.fullmatch(called) or arguments is None or arguments.type != "arguments":
        return None
    return next(iter(arguments.named_children), None)


def _names_in(node: "Node") -> set[str]:
    return {text_of(one) for one in walk(node) if one.type in _NAMES}


def parameters(function: "Node") -> list[str]:
    """Return the names of a function's parameters, of those that are taken apart the names of the parts."""
    listed = function.child_by_field_name("parameters") or function.child_by_field_name("parameter")
    if listed is None or listed.type == "identifier":
        return [text_of(listed)] if listed is not None else []
    return [text_of(one.child_by_field_name("left") or one) for one in listed.named_children]


def matcher_of(call: "Node") -> tuple["Node", list[str]] | None:
    """Return the name of a matcher of jest that is called, and what stands between it and ``expect(…)``."""
    member = call.child_by_field_name("function")
    if member is None or member.type != "member_expression":
        return None
    name, between = member.child_by_field_name("property"), []
    under = member.child_by_field_name("object")
    while under is not None and under.type == "member_expression":
        between.append(text_of(under.child_by_field_name("property")))
        under = under.child_by_field_name("object")
    if name is None or under is None or under.type != "call_expression":
        return None
    return (name, between) if text_of(under.child_by_field_name("function")) == "expect" else None


def asserted(call: "Node") -> str:
    """Return the name of the function of ``node:assert`` that is called; empty where it is none."""
    found = _ASSERTION.fullmatch(text_of(call.child_by_field_name("function")))
    return (found[1] or found[2]) if found else ""


def compared_by(call: "Node") -> list["Node"]:
    """Return what an assertion compares; nothing for other calls."""
    given = given_to(call)
    if matcher := matcher_of(call):
        return given[:1] if text_of(matcher[0]) == "toBeCloseTo" else given
    if name := asserted(call):
        return given[:1] if name in _SINGLE else given[:2]
    return []
