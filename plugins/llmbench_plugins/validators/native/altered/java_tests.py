"""What a file of tests in Java, for JUnit 5, consists of, and which test reaches what."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from llmbench_plugins.validators.native.altered.syntax import of_type, root_of, text_of, walk

if TYPE_CHECKING:
    from tree_sitter import Node

_CLASSES = ("class_declaration", "record_declaration", "interface_declaration", "enum_declaration")
_EVERYWHERE = {"BeforeEach", "BeforeAll"}
_LANG = {
    *("String", "Integer", "Long", "Short", "Byte", "Character", "Boolean", "Double", "Float", "Object"),
    *("Number", "CharSequence", "Class", "Iterable", "Comparable"),
}
_VARIANT = re.compile(rb"\b((?:\w+\.)*[A-Z]\w*)\.([A-Z][A-Z0-9_]*)\b(?!\s*[(.])")
_CONSTANT = re.compile(r"[A-Z][A-Z0-9_]+")
_COUNTED = {"ValueSource", "CsvSource", "EnumSource"}


@dataclass(frozen=True, slots=True)
class Item:
    """A method or a field of a class of tests."""

    owner: str
    """The class as JUnit says it: ``class:pkg.Name/nested-class:Inner``."""
    name: str
    node: "Node"
    annotations: dict[str, "Node"] = field(default_factory=dict)

    @property
    def unit(self) -> str:
        """The item's own name."""
        return f"{self.owner}/{self.name}:{self.node.start_byte}"

    @property
    def is_test(self) -> bool:
        """Whether JUnit runs it as a test."""
        return bool({"Test", "ParameterizedTest", "RepeatedTest"} & self.annotations.keys())

    @property
    def is_method(self) -> bool:
        """Whether it is one."""
        return self.node.type in ("method_declaration", "constructor_declaration")


@dataclass(frozen=True)
class TestFile:
    """One file of tests."""

    __test__ = False  # pytest takes names that begin with Test for its own
    source: bytes = field(repr=False)

    @cached_property
    def root(self) -> "Node":
        """The file's tree."""
        return root_of("java", self.source)

    @cached_property
    def items(self) -> list[Item]:
        """What classes declare, nested ones as well."""
        package = next((text_of(n.named_children[-1]) for n in of_type(self.root, "package_declaration")), "")
        return [
            item
            for node in self.root.named_children
            if node.type in _CLASSES
            for item in _items(node, "class:" + (f"{package}." if package else ""))
        ]

    @cached_property
    def imported(self) -> dict[str, str]:
        """The full names of classes that are imported, by their simple ones."""
        names = [text_of(node.named_children[0]) for node in of_type(self.root, "import_declaration")]
        return {name.rpartition(".")[2]: name for name in names}

    @cached_property
    def reached_by(self) -> dict[str, set[str]]:
        """The tests that reach an item, by the item's unit."""
        words = {item.unit: _words(item.node) for item in self.items}
        reached: dict[str, set[str]] = {item.unit: set() for item in self.items}
        for test in (item for item in self.items if item.is_test):
            names = self.names(test)
            waiting, seen = [test], {test.unit}
            while waiting:
                one = waiting.pop()
                reached[one.unit].update(names)
                used = words[one.unit]
                new = [i for i in self.items if i.name in used and not i.is_test and i.unit not in seen]
                if one is test:
                    new += [i for i in self.items if _EVERYWHERE & i.annotations.keys() and i not in new]
                seen |= {each.unit for each in new}
                waiting += new
        return reached

    def names(self, test: Item) -> list[str]:
        """Return the names of a test as JUnit says them: one for each row of its arguments."""
        given = ", ".join(self._class_of(one) for one in of_type(test.node, "formal_parameter"))
        if "Test" in test.annotations:
            return [f"{test.owner}/method:{test.name}({given})"]
        template = f"{test.owner}/test-template:{test.name}({given})/test-template-invocation:#"
        return [f"{template}{number + 1}" for number in range(self._count(test))]

    def rows(self, test: Item) -> list["Node"]:
        """Return the rows of a parameterized test's arguments, as far as they are literally there."""
        for name in _COUNTED & test.annotations.keys():
            lists = of_type(test.annotations[name], "element_value_array_initializer")
            if lists:
                return lists[0].named_children
        if "MethodSource" in test.annotations:
            named = [
                text_of(one)[1:-1] for one in of_type(test.annotations["MethodSource"], "string_literal")
            ]
            source = self.helper(named[0] if named else test.name)
            calls = of_type(source.node, "method_invocation") if source is not None else []
            return [one for one in calls if _is_row(one)]
        return []

    def _count(self, test: Item) -> int:
        if "RepeatedTest" in test.annotations:
            numbers = of_type(test.annotations["RepeatedTest"], "decimal_integer_literal")
            return int(text_of(numbers[0])) if numbers else 0
        return len(self.rows(test))

    def _class_of(self, parameter: "Node") -> str:
        """Return the name of a parameter's class, as ``Class.getName`` has it but for arrays."""
        node = parameter.child_by_field_name("type")
        name = text_of(node).partition("<")[0].strip()
        if name in _LANG:
            return f"java.lang.{name}"
        return self.imported.get(name, name)

    @cached_property
    def compared(self) -> set[str]:
        """The names that stand alone in what assertions compare with."""
        return {text_of(one) for one in self._compared() if one.type == "identifier"}

    def _compared(self) -> Iterator["Node"]:
        for call in of_type(self.root, "method_invocation"):
            if is_chained(call) or called(call).startswith("assert"):
                yield from arguments(call)

    @cached_property
    def variants(self) -> dict[str, set[str]]:
        """The constants of a type that tests use, by its name."""
        found: dict[str, set[str]] = {}
        for type_name, variant in _VARIANT.findall(self.source):
            found.setdefault(type_name.decode(), set()).add(variant.decode())
        return found

    @cached_property
    def constants(self) -> set[str]:
        """The constants that stand alone in comparisons, and are not declared here."""
        own = {item.name for item in self.items}
        return {name for name in self.compared if _CONSTANT.fullmatch(name)} - own

    def helper(self, name: str) -> Item | None:
        """Return the method of a name that is no test."""
        return next((i for i in self.items if i.name == name and i.is_method and not i.is_test), None)


def _items(node: "Node", before: str) -> Iterator[Item]:
    owner = before + text_of(node.child_by_field_name("name"))
    body = node.child_by_field_name("body")
    for one in body.named_children if body is not None else []:
        annotations = _annotations(one)
        if one.type in ("method_declaration", "constructor_declaration"):
            yield Item(owner, text_of(one.child_by_field_name("name")), one, annotations)
        elif one.type == "field_declaration":
            for declared in one.children_by_field_name("declarator"):
                yield Item(owner, text_of(declared.child_by_field_name("name")), declared)
        elif one.type in _CLASSES:
            yield from _items(one, f"{owner}/nested-class:")


def _annotations(node: "Node") -> dict[str, "Node"]:
    modifiers = next((one for one in node.named_children if one.type == "modifiers"), None)
    found = [] if modifiers is None else [n for n in modifiers.named_children if "annotation" in n.type]
    return {text_of(one.child_by_field_name("name")).rpartition(".")[2]: one for one in found}


def _is_row(call: "Node") -> bool:
    owner = text_of(call.child_by_field_name("object")).rpartition(".")[2]
    return (called(call), owner) in {("arguments", ""), ("of", "Arguments"), ("arguments", "Arguments")}


def _words(node: "Node") -> set[str]:
    return {text_of(one) for one in walk(node) if one.type == "identifier"}


def parameter_names(method: "Node") -> list[str]:
    """Return the names of a method's parameters, in their order."""
    given = method.child_by_field_name("parameters")
    return [text_of(one.child_by_field_name("name")) for one in given.named_children] if given else []


def arguments(call: "Node") -> list["Node"]:
    """Return what a method is called with."""
    given = call.child_by_field_name("arguments")
    return [one for one in given.named_children if "comment" not in one.type] if given is not None else []


def called(call: "Node") -> str:
    """Return the name of the method that is called."""
    return text_of(call.child_by_field_name("name"))


def is_chained(call: "Node") -> bool:
    """Say whether a method is called on what AssertJ's ``assertThat…`` returns."""
    inner = call.child_by_field_name("object")
    while inner is not None and inner.type == "method_invocation":
        if called(inner).startswith("assertThat"):
            return True
        inner = inner.child_by_field_name("object")
    return False
