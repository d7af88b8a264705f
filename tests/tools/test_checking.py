"""How the arguments of a call are checked, and what of them is understood kindly."""

import pytest

from llmbench.api import ToolError
from llmbench.api.tool import parameters_of


def test_the_schema_is_one_plain_object(make_tool) -> None:
    parameters = make_tool("edit").spec.parameters
    assert parameters["type"] == "object"
    assert parameters["required"] == ["path", "old_string", "new_string"]
    assert parameters["additionalProperties"] is False
    assert set(parameters) == {"type", "properties", "required", "additionalProperties"}


def test_nested_arguments_are_inlined_and_endless_ones_refused() -> None:
    from dataclasses import dataclass

    @dataclass(frozen=True)
    class Inner:
        """A part."""

        line: int

    @dataclass(frozen=True)
    class Outer:
        parts: tuple[Inner, ...] = ()

    items = parameters_of(Outer)["properties"]["parts"]["items"]
    assert items["properties"] == {"line": {"type": "integer"}}
    assert items["additionalProperties"] is False


def test_names_from_elsewhere_are_understood_and_recorded(make_tool) -> None:
    checked = make_tool("edit").check(
        {"file_path": "a", "old_str": "x", "new_text": "y", "replace_all": None}
    )
    assert (checked.arguments.path, checked.arguments.old_string, checked.arguments.new_string) == (
        "a",
        "x",
        "y",
    )
    assert checked.repaired == (
        "file_path → path",
        "old_str → old_string",
        "new_text → new_string",
        "replace_all: null",
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "'path' is missing"),
        ({"path": 3}, "read.path: expected text, got 3"),
        ({"path": "x", "start_line": 0}, "expected an integer ≥ 1, got 0"),
        ({"path": "x", "limit": "3"}, "expected an integer ≥ 0, got '3'"),
        ({"path": None}, "expected text, got null"),
        ({"path": "x", "lines": 3}, "read.lines: unknown argument"),
        ({"path": "x", "file_path": "y"}, "read.file_path: unknown argument"),
        ({"file": "x", "filename": "y"}, "unknown argument"),
        ({"path": "half \ud800"}, "half of a surrogate pair"),
    ],
)
def test_what_is_wrong_is_named_with_what_is_expected(make_tool, given, said) -> None:
    with pytest.raises(ToolError) as caught:
        make_tool("read").check(given)
    assert said in str(caught.value)
    if "surrogate" not in said:
        assert str(caught.value).endswith("; read takes path; optional: start_line, end_line, limit")


def test_arguments_nested_without_end_are_the_models_fault(make_tool) -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(ToolError, match="nested too deep"):
        make_tool("read").check({"path": deep})
