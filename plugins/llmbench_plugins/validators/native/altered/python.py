"""Python: what unittest and ``assert`` compare, what is called expected, and assertions turned round."""

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from llmbench.api import Files
from llmbench_plugins.validators.native.altered.places import Place, Rank
from llmbench_plugins.validators.native.altered.python_tests import (
    Function,
    Item,
    TestFile,
    called,
    operands,
    own,
    sides,
    variant_of,
)
from llmbench_plugins.validators.native.altered.replacing import (
    is_plain,
    other_booleans,
    other_floats,
    other_integers,
    other_strings,
)
from llmbench_plugins.validators.native.suite import Suite

_EXPECTED = re.compile(r"(?i)want|exp|^out|result|answer|correct|valid|score|^lines?$|message|error")
_ASSERTING = re.compile(r"(?i)assert|check|verif|expect|refute|refuse")
_STRING = re.compile(r"([A-Za-z]{0,2})('''|\"\"\"|'|\")((?:\\.|[^\\])*?)\2", re.DOTALL)
_EMPTY = {b"[]": b"[0]", b"{}": b"{0: 0}", b"()": b"(0,)"}
_ERRORS = (b"BufferError", b"EOFError", b"ZeroDivisionError")
"""Errors that no honest answer derives its own from, whatever else it may raise."""
_SIMPLE = (ast.Expr, ast.Assign, ast.Assert, ast.Return, ast.Pass)
_ANY = {"Exception", "BaseException", "ArithmeticError"}
_TURNED = {
    "assertTrue": "assertFalse",
    "assertEqual": "assertNotEqual",
    "assertIs": "assertIsNot",
    "assertIsNone": "assertIsNotNone",
    "assertIn": "assertNotIn",
    "assertRegex": "assertNotRegex",
    "assertIsInstance": "assertNotIsInstance",
    "assertAlmostEqual": "assertNotAlmostEqual",
    "assertLess": "assertGreaterEqual",
    "assertGreater": "assertLessEqual",
}
_TURNED |= {turned: name for name, turned in _TURNED.items()}
_TURNED |= {
    f"assert{kind}Equal": "assertNotEqual"
    for kind in ("List", "Tuple", "Set", "Dict", "Sequence", "MultiLine")
}


def places(suite: Suite) -> Iterable[Place]:
    """Return what may be altered in a suite's tests."""
    for path, source in suite.tests.items():
        file = TestFile(_module(path, suite.hidden), source)
        for item in file.items:
            if tests := file.reached_by[item.full_name]:
                yield from _Reader(file, path, item, frozenset(tests)).places()


def _module(path: str, hidden: Files) -> str:
    """Return the name under which a file is imported: with those of the packages that it is in."""
    at = PurePosixPath(path)
    names = [at.stem]
    for folder in at.parents:
        if f"{folder}/__init__.py" not in hidden:
            break
        names.append(folder.name)
    return ".".join(reversed(names))


@dataclass(frozen=True, slots=True)
class _Reader:
    file: TestFile
    path: str
    item: Item
    tests: frozenset[str]

    def places(self) -> Iterator[Place]:
        """Return the places of one item."""
        for node in ast.walk(self.item.node):
            if isinstance(node, ast.Call):
                yield from self._called(node)
            elif isinstance(node, ast.Assert):
                yield from self._asserted(node)
            elif isinstance(node, ast.Assign):
                for target in node.targets:
                    yield from self._named(target, node.value)
            elif isinstance(node, ast.For | ast.comprehension):
                yield from self._looped(node.target, node.iter)
        if self.item.is_test:
            yield from self._failing()
        elif isinstance(self.item.node, ast.Assign):
            for target, over in self.file.loops:
                if ast.unparse(over).removesuffix(".items()") == self.item.name:
                    yield from self._looped(target, self.item.node.value)

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

    def _at(self, node: ast.expr, replacements: Sequence[bytes], rank: Rank) -> Place:
        return self._place(*self.file.span(node), replacements, rank)

    def _called(self, call: ast.Call) -> Iterator[Place]:
        name = called(call)
        if "aises" in name:
            yield from self._raises(call)
        for operand in operands(call):
            if "Regex" not in name or _is_plain(operand):
                yield from self._values(operand, Rank.COMPARED)
        if name in _TURNED and isinstance(call.func, ast.Attribute):
            asks = name in ("assertTrue", "assertFalse") and not any(
                isinstance(one, ast.Compare) for one in call.args[:1]
            )
            end = self.file.span(call.func)[1]
            rank = Rank.COMPARED if asks else Rank.NEGATED
            yield self._place(end - len(name), end, [_TURNED[name].encode()], rank)
        if (helper := self.file.helpers.get(name)) is not None:
            yield from self._handed(call, helper)

    def _raises(self, call: ast.Call) -> Iterator[Place]:
        """Return the error that is expected, and what it is to say."""
        for one in call.args[:1]:
            if isinstance(one, ast.Name | ast.Attribute):
                name = ast.unparse(one)
                known = _ERRORS[:2] if name in _ANY else _ERRORS
                yield self._at(one, [other for other in known if other.decode() != name], Rank.COMPARED)
        if called(call) != "assertRaises":
            for one in [each for each in call.args[1:] if "Regex" not in called(call) or _is_plain(each)]:
                yield from self._values(one, Rank.COMPARED)

    def _asserted(self, node: ast.Assert) -> Iterator[Place]:
        """Return what an ``assert`` compares, and its condition turned round."""
        for side in sides(node.test):
            yield from self._values(side, Rank.COMPARED)
        start, end = self.file.span(node.test)
        yield self._place(start, end, [b"not (" + self.file.source[start:end] + b")"], Rank.NEGATED)

    def _handed(self, call: ast.Call, helper: Function) -> Iterator[Place]:
        """Return the literals that a helper is given to compare."""
        parameters = [one.arg for one in helper.args.args if one.arg not in ("self", "cls")]
        given = [*zip(parameters, call.args, strict=False), *((one.arg, one.value) for one in call.keywords)]
        for name, value in given:
            rank = self._rank(name or "")
            if rank is None and _ASSERTING.search(helper.name):
                rank = Rank.UNKNOWN
            if rank is not None:
                yield from self._values(value, rank)

    def _named(self, target: ast.expr, value: ast.expr) -> Iterator[Place]:
        """Return the literals in a variable that is compared or has a telling name."""
        if isinstance(target, ast.Name) and (rank := self._rank(target.id)) is not None:
            yield from self._values(value, rank)

    def _looped(self, target: ast.expr, over: ast.expr) -> Iterator[Place]:
        """Return the literals in the rows of a table, where their names are compared or telling."""
        if isinstance(over, ast.Name):
            # What stands in the module is an item of its own.
            inside = {id(node) for node in ast.walk(self.item.node)}
            for value in self.file.assigned.get(over.id, ()):
                if id(value) in inside:
                    yield from self._looped(target, value)
        elif isinstance(over, ast.Call) and called(over) == "items" and isinstance(over.func, ast.Attribute):
            yield from self._looped(target, over.func.value)
        elif isinstance(over, ast.Dict):
            for row in zip(over.keys, over.values, strict=True):
                yield from self._row(target, row)
        elif isinstance(over, ast.List | ast.Tuple):
            for cells in over.elts:
                yield from self._row(target, cells.elts if isinstance(cells, ast.Tuple | ast.List) else ())

    def _row(self, target: ast.expr, cells: Sequence[ast.expr | None]) -> Iterator[Place]:
        names = target.elts if isinstance(target, ast.Tuple | ast.List) else []
        for name, cell in zip(names, cells, strict=False):
            if cell is not None:
                yield from self._named(name, cell)

    def _rank(self, name: str) -> Rank | None:
        if _EXPECTED.search(name):
            return Rank.NAMED
        return Rank.UNKNOWN if name in self.file.compared - self.file.given else None

    def _failing(self) -> Iterator[Place]:
        """Return the beginning of a simple statement of a test, before which it could fail."""
        body = self.item.node.body if isinstance(self.item.node, Function) else []
        while body and isinstance(body[0], ast.For | ast.With):
            body = body[0].body
        first = next((one for one in body if isinstance(one, _SIMPLE)), None)
        if first is not None:
            start = self.file.span(first)[0]
            yield self._place(start, start, [b"assert False; "], Rank.OUTCOME)

    def _values(self, node: ast.expr, rank: Rank) -> Iterator[Place]:
        """Return the literals in a node, but for those that functions are called with."""
        if (variant := variant_of(node)) is not None:
            others = self.file.variants.get(variant[0], set()) - {variant[1]}
            yield self._at(node, [f"{variant[0]}{other}".encode() for other in sorted(others)], rank)
        for one in own(node):
            start, end = self.file.span(one)
            text = self.file.source[start:end]
            if isinstance(one, ast.Constant):
                yield from self._constant(one.value, start, text, rank)
            elif text in _EMPTY:
                yield self._place(start, end, [_EMPTY[text]], rank)

    def _constant(self, value: object, start: int, text: bytes, rank: Rank) -> Iterator[Place]:
        said = text.decode(errors="replace")
        if isinstance(value, str | bytes):
            # Of several that stand side by side the first that holds something.
            found = next((one for one in _STRING.finditer(said) if one[3]), _STRING.match(said))
            if found is not None:
                first = start + len(said[: found.start()].encode())
                new = [
                    (found[1] + found[2]).encode() + o + found[2].encode() for o in other_strings(found[3])
                ]
                yield self._place(first, first + len(found[0].encode()), new, rank)
            return
        others: Sequence[bytes] = (b"0", b"'x'", b"7")
        if isinstance(value, bool):
            others = other_booleans(said)
        elif isinstance(value, int):
            others = other_integers(said)
        elif value is not None:
            others = other_floats(said)
        yield self._place(start, start + len(text), others, rank)


def _is_plain(node: ast.expr) -> bool:
    """Say whether a node is a pattern that looks for a text."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and is_plain(node.value)
