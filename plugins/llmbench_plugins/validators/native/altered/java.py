"""Java: what assertions of AssertJ and JUnit compare with, exceptions, and assertions turned round."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmbench_plugins.validators.native.altered import java_words as words
from llmbench_plugins.validators.native.altered.java_tests import (
    Item,
    TestFile,
    arguments,
    called,
    is_chained,
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

_EXPECTED = re.compile(r"(?i)want|exp|^out|result|answer|correct|valid")
_QUOTED = re.compile(r"(\"\"\"|[\"'])(.*)(\"\"\"|[\"'])", re.DOTALL)
_LITERALS = {
    "decimal_integer_literal": other_integers,
    "hex_integer_literal": other_integers,
    "binary_integer_literal": other_integers,
    "decimal_floating_point_literal": other_floats,
    "true": other_booleans,
    "false": other_booleans,
}


def places(suite: Suite) -> Iterable[Place]:
    """Return what may be altered in a suite's tests."""
    for path, source in suite.tests.items():
        if path.endswith(".java"):
            tests = TestFile(source)
            for item in tests.items:
                yield from _rows(tests, path, item)
                if names := frozenset(tests.reached_by[item.unit]):
                    yield from _Reader(tests, path, item, names, f"{path}:{item.unit}").places()


def _rows(file: TestFile, path: str, test: Item) -> Iterator[Place]:
    """Return values in the rows of a parameterized test's arguments."""
    if "ParameterizedTest" not in test.annotations or "ValueSource" in test.annotations:
        return  # What stands alone in a row is an input.
    given = parameter_names(test.node)
    for name, row in zip(file.names(test), file.rows(test), strict=True):
        reader = _Reader(file, path, test, frozenset([name]), f"{path}:{name}")
        cells = arguments(row) if row.type == "method_invocation" else [row]
        for number, cell in enumerate(cells):
            is_known = len(cells) > 1 and number < len(given)
            named = is_known and (given[number] in file.compared or _EXPECTED.search(given[number]))
            if "CsvSource" in test.annotations:
                yield reader.last_column(cell)
            else:
                yield from reader.values([cell], Rank.NAMED if named else Rank.UNKNOWN)


@dataclass(frozen=True, slots=True)
class _Reader:
    file: TestFile
    path: str
    item: Item
    tests: frozenset[str]
    unit: str

    def places(self) -> Iterator[Place]:
        """Return the places of one item."""
        if not self.item.is_method:
            yield from self._named(self.item.node)
            return
        for node in walk(self.item.node):
            if node.type in ("variable_declarator", "assignment_expression"):
                yield from self._named(node)
            elif node.type == "method_invocation":
                yield from self._called(node)
            elif node.type == "enhanced_for_statement":
                yield from self.values([node.child_by_field_name("value")], Rank.UNKNOWN)
        body = self.item.node.child_by_field_name("body")
        if self.item.is_test and body is not None:
            fails = b"{ if (true) throw new AssertionError();"
            yield self._place(body.start_byte, body.start_byte + 1, [fails], Rank.OUTCOME)

    def _place(self, start: int, end: int, replacements: Sequence[bytes], rank: Rank) -> Place:
        return Place(
            path=self.path,
            start=start,
            end=end,
            replacements=tuple(replacements),
            unit=self.unit,
            tests=self.tests,
            rank=rank,
        )

    def _other(self, node: "Node", replacements: Iterable[str], rank: Rank) -> Place:
        return self._place(node.start_byte, node.end_byte, [each.encode() for each in replacements], rank)

    def _called(self, call: "Node") -> Iterator[Place]:
        """Return what a call of an assertion, of a helper or of a collection's method holds."""
        name = called(call)
        if name in words.THROWING or name in words.THROWN:
            yield from self._thrown(call)
        if is_chained(call):
            yield from self._chained(call)
        elif name.startswith("assert") and self.file.helper(name) is None:
            yield from self._asserted(call)
        elif (helper := self.file.helper(name)) is not None:
            yield from self._handed(call, helper)
        elif _EXPECTED.search(owner := _owner(call)):
            yield from self.values(arguments(call), Rank.NAMED)
        elif owner in self.file.compared - self._given():
            yield from self.values(arguments(call), Rank.UNKNOWN)

    def _chained(self, call: "Node") -> Iterator[Place]:
        """Return what is expected of what ``assertThat`` was called with."""
        name, node = called(call), call.child_by_field_name("name")
        if name not in words.TOLD:
            yield from self.values(arguments(call), Rank.COMPARED)
        elif name == "isCloseTo":
            yield from self.values(arguments(call)[:1], Rank.COMPARED)
        if (
            node is not None
            and name in words.TURNED
            and not (name == "isInstanceOf" and "Throw" in text_of(call))
        ):
            bare = not arguments(call) and words.TURNED[name] == "doesNotContain"
            yield self._other(node, ["isNotEmpty" if bare else words.TURNED[name]], Rank.NEGATED)

    def _asserted(self, call: "Node") -> Iterator[Place]:
        """Return what an assertion of JUnit compares with, or what a condition does."""
        name, node = called(call), call.child_by_field_name("name")
        if name in words.COMPARED:
            yield from self.values(arguments(call)[:2], Rank.COMPARED)
        elif name in ("assertThat", "assertTrue", "assertFalse"):
            for one in arguments(call)[:1]:
                if one.type == "binary_expression":
                    yield from self.values(one.named_children, Rank.COMPARED)
        if node is not None and name in words.JUNIT:
            package = "" if call.child_by_field_name("object") else "org.junit.jupiter.api.Assertions."
            yield self._other(node, [package + words.JUNIT[name]], Rank.NEGATED)

    def _thrown(self, call: "Node") -> Iterator[Place]:
        """Return the class of an exception that is expected: others are none from which it could derive."""
        name, node = called(call), call.child_by_field_name("name")
        if node is not None and name in words.THROWN:
            package = "" if call.child_by_field_name("object") else "org.assertj.core.api.Assertions."
            yield self._other(node, [package + words.THROWN[name]], Rank.COMPARED)
            return
        for one in arguments(call)[:1]:
            if one.type == "class_literal" and (now := text_of(one).removesuffix(".class")):
                others = (
                    [other for other in words.USUAL if other != now] if now in words.USUAL else words.RARE
                )
                yield self._other(one, [f"{other}.class" for other in others], Rank.COMPARED)

    def _named(self, node: "Node") -> Iterator[Place]:
        """Return the values in a variable that is compared or has a telling name."""
        name = text_of(node.child_by_field_name("name") or node.child_by_field_name("left"))
        value = node.child_by_field_name("value") or node.child_by_field_name("right")
        if _EXPECTED.search(name):
            yield from self.values([value], Rank.NAMED)
        elif name in self.file.compared - self._given():
            yield from self.values([value], Rank.UNKNOWN)

    def _given(self) -> set[str]:
        """Return the variables that the answer is called with: what is compared as well is an input."""
        return {
            text_of(one)
            for call in of_type(self.item.node, "object_creation_expression", "method_invocation")
            if call.type != "method_invocation" or not self._is_tests_own(call)
            for argument in arguments(call)
            for one in of_type(argument, "identifier")
        }

    def _is_tests_own(self, call: "Node") -> bool:
        return called(call).startswith("assert") or is_chained(call) or _is_maker(called(call), self.file)

    def _handed(self, call: "Node", helper: Item) -> Iterator[Place]:
        """Return the values that a helper compares."""
        asserts = b"assert" in (helper.node.text or b"")
        for name, argument in zip(parameter_names(helper.node), arguments(call), strict=False):
            if name in self.file.compared or _EXPECTED.search(name):
                yield from self.values([argument], Rank.NAMED)
            elif asserts:
                yield from self.values([argument], Rank.UNKNOWN)

    def values(self, nodes: Iterable["Node | None"], rank: Rank) -> Iterator[Place]:
        """Return literals and names of constants in some nodes, but for what the answer is called with."""
        for one in _own([node for node in nodes if node is not None], self.file):
            text = text_of(one)
            if one.type in _LITERALS:
                yield self._place(one.start_byte, one.end_byte, _LITERALS[one.type](text), rank)
            elif one.type in ("string_literal", "character_literal") and (quoted := _QUOTED.fullmatch(text)):
                made = (other_characters if text[0] == "'" else other_strings)(quoted[2])
                new = [quoted[1].encode() + other + quoted[3].encode() for other in made]
                yield self._place(one.start_byte, one.end_byte, new, rank)
            elif others := self._constants(one, text):
                yield self._other(one, others, rank)
            elif rank is Rank.COMPARED and one.type == "identifier" and (others := self._variables(text)):
                yield self._other(one, others, Rank.UNKNOWN)

    def _variables(self, name: str) -> list[str]:
        """Return what could stand for a variable: another of its type, or one made of it."""
        kinds = {
            text_of(one.child_by_field_name("name")): text_of(declared.child_by_field_name("type"))
            for declared in of_type(self.item.node, "local_variable_declaration")
            for one in declared.children_by_field_name("declarator")
        }
        kind = kinds.get(name, "")
        alike = [other for other, its in kinds.items() if its == kind and other != name and kind != "var"]
        return [*alike, f"({name}{words.CHANGED[kind]})"] if kind in words.CHANGED else alike if kind else []

    def last_column(self, row: "Node") -> Place:
        """Return the end of a row of text: expectations come after inputs."""
        text = text_of(row)
        last = text.rpartition(",")[2].strip(" \"'")
        start = row.start_byte + text.rindex(last) if last else row.start_byte
        others = other_booleans(last) or other_integers(last) or tuple(filter(None, other_strings(last)))
        return self._place(start, start + len(last), others if text.isascii() else (), Rank.NAMED)

    def _constants(self, node: "Node", text: str) -> list[str]:
        """Return the names that could stand for a constant's, as ``Color.RED`` for ``Color.BLUE``."""
        if node.type == "identifier" and text in self.file.constants:
            return sorted(self.file.constants - {text})
        owner, _, name = text.rpartition(".")
        known = self.file.variants.get(owner, set()) if node.type == "field_access" else set()
        return [f"{owner}.{other}" for other in sorted(known - {name})] if name in known else []


def _owner(call: "Node") -> str:
    """Return the variable on which a method is called, or a chain of them."""
    inner = call.child_by_field_name("object")
    while inner is not None and inner.type == "method_invocation":
        inner = inner.child_by_field_name("object")
    return text_of(inner) if inner is not None and inner.type == "identifier" else ""


def _own(nodes: Sequence["Node"], file: TestFile) -> Iterator["Node"]:
    """Return all nodes in some, but for types, functions and what the answer is called with."""
    waiting = list(reversed(nodes))
    while waiting:
        one = waiting.pop()
        if one.type in ("lambda_expression", "type_arguments", "class_body", "method_reference"):
            continue
        yield one
        if one.type == "method_invocation" and not _is_maker(called(one), file):
            inner = one.child_by_field_name("object")
            waiting += [inner] if inner is not None and inner.type == "method_invocation" else []
        elif one.type == "array_access":
            waiting += one.named_children[:1]
        elif one.type != "field_access":
            waiting += reversed(one.named_children)


def _is_maker(name: str, file: TestFile) -> bool:
    return name in words.MAKERS or file.helper(name) is not None
