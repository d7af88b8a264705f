"""What a file of tests in Python consists of, and which test reaches what."""

import ast
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property

_LINE_END = re.compile(rb"\r\n|\n|\r")
_BOM = b"\xef\xbb\xbf"
_MAKERS = {
    *("set", "frozenset", "list", "tuple", "dict", "sorted", "str", "int", "float", "bytes", "complex"),
    *("Decimal", "Fraction", "date", "datetime", "timedelta", "time", "Path", "namedtuple", "OrderedDict"),
    *("Counter", "deque"),
}
"""Functions that only make a value of what they are called with."""
_OF_STRINGS = {"join", "format", "strip", "split", "encode", "splitlines", "replace", "rstrip", "lstrip"}
COMPARING = re.compile(
    r"assert_?(?:Not)?_?(?:Almost|MultiLine|Sequence|List|Tuple|Set|Dict|Count|Dictionary)?_?Equals?"
    r"|assert(?:Not)?(?:Is|In|Regex)|assert(?:Less|Greater)(?:Equal)?|assert(?:True|False)"
)
"""The names of unittest's methods that ask or compare."""
_ONE = {"assertTrue", "assertFalse"}
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Item:
    """A function, a method, or what the names of a module stand for."""

    name: str
    node: ast.stmt
    owner: str = ""
    """The class of a method."""

    @property
    def full_name(self) -> str:
        """Its name with its class's, and its line, since names may be given twice."""
        return f"{self.owner}.{self.name}:{self.node.lineno}"

    @property
    def is_test(self) -> bool:
        """Whether it is named as one."""
        return isinstance(self.node, Function) and self.name.startswith("test")


@dataclass(frozen=True)
class TestFile:
    """One file of tests."""

    __test__ = False  # pytest takes names that begin with Test for its own
    module: str
    """Its name as it is imported, with which the names of its tests begin."""
    source: bytes = field(repr=False)

    @cached_property
    def root(self) -> ast.Module:
        """The file's tree; empty where it is none, or not in UTF-8."""
        try:
            return ast.parse(self.source.decode("utf-8-sig"))
        except (ValueError, SyntaxError, RecursionError):
            return ast.Module(body=[], type_ignores=[])

    @cached_property
    def _starts(self) -> list[int]:
        first = len(_BOM) if self.source.startswith(_BOM) else 0
        return [first, *(found.end() for found in _LINE_END.finditer(self.source))]

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Return where the bytes of a node begin and end."""
        start = self._starts[node.lineno - 1] + node.col_offset
        if node.end_lineno is None or node.end_col_offset is None:
            return start, start
        return start, self._starts[node.end_lineno - 1] + node.end_col_offset

    @cached_property
    def items(self) -> list[Item]:
        """What is declared in the file, in classes as well."""
        return [item for node in self.root.body for item in _items(node)]

    @cached_property
    def reached_by(self) -> dict[str, set[str]]:
        """The names of the tests that reach an item, by its full name."""
        reached: dict[str, set[str]] = {item.full_name: set() for item in self.items}
        named: dict[str, list[Item]] = {}
        for item in self.items:
            named.setdefault(item.name, []).append(item)
        for test in (item for item in self.items if item.is_test):
            waiting, seen = [test], {test.full_name}
            while waiting:
                item = waiting.pop()
                reached[item.full_name].update(self._names_of(test))
                for other in [one for name in _names_in(item.node) for one in named.get(name, ())]:
                    if other.full_name not in seen and not other.is_test:
                        seen.add(other.full_name)
                        waiting.append(other)
        return reached

    def _names_of(self, test: Item) -> Iterator[str]:
        """Return the names that a test has in its class and in those that have it from there."""
        if not test.owner:
            yield f"{self.module}.{test.name}"
        for name in self._classes:
            if test.owner in self._ancestry(name, set()):
                yield f"{self.module}.{name}.{test.name}"

    @cached_property
    def _classes(self) -> dict[str, list[str]]:
        found = [node for node in self.root.body if isinstance(node, ast.ClassDef)]
        return {node.name: [base.id for base in node.bases if isinstance(base, ast.Name)] for node in found}

    def _ancestry(self, name: str, seen: set[str]) -> set[str]:
        if name not in seen:
            seen.add(name)
            for base in self._classes.get(name, ()):
                self._ancestry(base, seen)
        return seen

    @cached_property
    def helpers(self) -> dict[str, Function]:
        """The functions and methods that are no tests, by their names."""
        return {
            item.name: item.node
            for item in self.items
            if isinstance(item.node, Function) and not item.is_test
        }

    @cached_property
    def compared(self) -> set[str]:
        """The names of variables that assertions compare."""
        return {
            one.id
            for operand in self._operands
            for one in own(operand, comprehensions=True)
            if isinstance(one, ast.Name)
        }

    @cached_property
    def given(self) -> set[str]:
        """The names of variables that functions of the answer are called with."""
        return {
            one.id
            for call in ast.walk(self.root)
            if isinstance(call, ast.Call)
            and not (operands(call) or is_maker(call) or called(call) in self.helpers)
            for one in [*call.args, *(each.value for each in call.keywords)]
            if isinstance(one, ast.Name)
        }

    @cached_property
    def variants(self) -> dict[str, set[str]]:
        """What stands in comparisons as ``module.NAME`` or ``NAME``, by what stands before the name."""
        found: dict[str, set[str]] = {}
        for operand in self._operands:
            if variant := variant_of(operand):
                found.setdefault(variant[0], set()).add(variant[1])
        return found

    @cached_property
    def assigned(self) -> dict[str, list[ast.expr]]:
        """What is assigned to a name anywhere in the file."""
        found: dict[str, list[ast.expr]] = {}
        for node in ast.walk(self.root):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    found.setdefault(ast.unparse(target), []).append(node.value)
        return found

    @cached_property
    def loops(self) -> list[tuple[ast.expr, ast.expr]]:
        """What the file's loops give to which names."""
        return [
            (node.target, node.iter)
            for node in ast.walk(self.root)
            if isinstance(node, ast.For | ast.comprehension)
        ]

    @property
    def _operands(self) -> Iterator[ast.expr]:
        for node in ast.walk(self.root):
            if isinstance(node, ast.Call):
                yield from operands(node)
            elif isinstance(node, ast.Assert):
                yield from sides(node.test)


def _items(node: ast.stmt) -> Iterator[Item]:
    if isinstance(node, Function):
        yield Item(node.name, node)
    elif isinstance(node, ast.ClassDef):
        for inner in node.body:
            yield from (Item(one.name, one.node, node.name) for one in _items(inner) if not one.owner)
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        yield from (Item(target.id, node) for target in targets if isinstance(target, ast.Name))


def _names_in(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)} | {
        one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)
    }


def called(call: ast.Call) -> str:
    """Return the last part of the name of the function that is called."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def is_maker(call: ast.Call) -> bool:
    """Say whether a call only makes a value of what it is called with."""
    return called(call) in _MAKERS or called(call)[:1].isupper()


def operands(call: ast.Call) -> list[ast.expr]:
    """Return what a method of unittest compares or asks; nothing for other calls."""
    name = called(call)
    if not COMPARING.match(name):
        return []
    given = [*call.args, *(one.value for one in call.keywords if one.arg in ("first", "second"))]
    return given[: 1 if name in _ONE else 2]


def sides(test: ast.expr) -> list[ast.expr]:
    """Return what an ``assert`` compares: the sides of a comparison, or all of it."""
    return [test.left, *test.comparators] if isinstance(test, ast.Compare) else [test]


def variant_of(node: ast.expr) -> tuple[str, str] | None:
    """Return the two parts of a name that is written as constants and members of enumerations are."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return (f"{node.value.id}.", node.attr) if node.attr[:1].isupper() else None
    if isinstance(node, ast.Name) and node.id.isupper():
        return "", node.id
    return None


def own(node: ast.expr, *, comprehensions: bool = False) -> Iterator[ast.expr]:
    """Return all nodes in an expression, but for what functions are called with that do more than make it."""
    waiting: list[ast.AST] = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, ast.Lambda | ast.JoinedStr) or (
            isinstance(one, _COMPREHENSIONS) and not comprehensions
        ):
            continue
        if isinstance(one, ast.expr):
            yield one
        waiting += reversed(list(_below(one)))


def _below(node: ast.AST) -> Collection[ast.AST]:
    if isinstance(node, ast.Subscript):
        return [node.value]
    if isinstance(node, ast.Attribute):
        return []
    if not isinstance(node, ast.Call):
        return list(ast.iter_child_nodes(node))
    if is_maker(node):
        return [*node.args, *(one.value for one in node.keywords)]
    if called(node) in _OF_STRINGS and isinstance(node.func, ast.Attribute):
        return [node.func.value, *node.args]
    return []
