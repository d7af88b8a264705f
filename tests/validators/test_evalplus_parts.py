"""The parts of `evalplus` that judge: inputs, values and oracles, without any box."""

import json
import math
from dataclasses import replace
from typing import Any

import pytest

from llmbench_plugins.validators.evalplus.inputs import Grading, formed
from llmbench_plugins.validators.evalplus.oracle import has_oracle, is_close, is_right, tolerances, view_of
from llmbench_plugins.validators.evalplus.values import OddValueError, decode


@pytest.mark.parametrize(
    ("row", "forms", "expected"),
    [
        ([[1, 2], 3], (), [[1, 2], 3]),
        ([[1, 2], [3]], ("t",), [(1, 2), (3,)]),
        ([[[1], [2]], 5], ("lt", ""), [[(1,), (2,)], 5]),
        ([[[1], [2]]], ("tt",), [((1,), (2,))]),
        ([3, [1]], ("", "t"), [3, (1,)]),
        ([[[1, 2], [], 7]], ("le",), [[{1, 2}, {}, {}]]),
        (["1.5", "2j"], ("f", "c"), [1.5, 2j]),
        ([[1, [2, 3]]], ("tu",), [(1, (2, 3))]),
        ([{"a": [1, 2]}, 3], ("dt", ""), [{"a": (1, 2)}, 3]),
        ([[1, [2, [3]]], "x"], ("T",), [(1, (2, (3,))), "x"]),
    ],
)
def test_arguments_get_the_types_that_json_lacks(row: Any, forms: Any, expected: Any) -> None:
    assert formed(row, forms) == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"t":[1,{"f":"0x1.8p+0"},"x",null,true]}', (1, 1.5, "x", None, True)),
        ('{"i":"-0x400000000000000000"}', -(2**70)),
        ('{"d":[[{"t":[1]},[2]]]}', {(1,): [2]}),
        ('{"c":["0x1p+0","-0x1p+0"]}', 1 - 1j),
        ('{"s":[1,2]}', {1, 2}),
        ('{"z":[]}', frozenset()),
        ('{"b":"00ff"}', b"\x00\xff"),
        ('"\\ud800"', "\ud800"),
    ],
)
def test_values_keep_their_types(text: str, value: Any) -> None:
    found = decode(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "text",
    ["", "{", '{"x":1}', "{}", '{"t":1}', '{"i":"x"}', '{"f":1}', '{"s":[[]]}', '{"d":[1]}', "[" * 100_000],
)
def test_what_is_no_value_is_refused(text: str) -> None:
    with pytest.raises(OddValueError):
        decode(text)


@pytest.mark.parametrize(
    ("value", "expected", "atol", "close"),
    [
        (1.0000001, 1.0, 1e-6, True),
        (1.00001, 1.0, 1e-6, False),
        ([1.0, 2.0000001], [1.0, 2.0], 1e-6, True),
        ([[1.0], [2.0]], [[1.0], [2.0000001]], 1e-6, True),
        ([1.0], [1.0, 2.0], 1e-6, False),
        ([[1.0], [2.0]], [[1.0, 1.0], [2.0, 2.0]], 1e-6, False),
        (math.nan, math.nan, 1e-6, False),
        (math.inf, math.inf, 1e-6, True),
        (1.0, math.inf, 1e-6, False),
        (math.inf, 1.0, 1e-6, False),
        (1e10 + 100, 1e10, 1e-6, True),
        (10**400, 1.0, 1e-6, False),
        ("1.0", "1.0 ", 1e-6, False),
        (None, None, 1e-6, False),
        ({"a": 1.0}, {"a": 1.0000001}, 1e-6, False),
        (1 + 1e-8j, 1 + 0j, 1e-6, True),
    ],
)
def test_closeness(value: Any, expected: Any, atol: float, close: bool) -> None:
    assert is_close(value, expected, atol) is close


def grading(name: str, *, suite: str = "mbpp", atol: float = 0.0, base: int = 1) -> Grading:
    return Grading(suite=suite, entry_point=name, atol=atol, base=base)  # type: ignore[arg-type]


def test_a_float_once_expected_makes_what_follows_lenient_in_its_half() -> None:
    floats = [False, True, False, False, False, True, False]
    assert tolerances(grading("f", base=4), floats) == [0, 1e-6, 1e-6, 1e-6, 0, 1e-6, 1e-6]
    assert tolerances(grading("f", base=4, atol=0.1), floats) == [0.1] * 7


@pytest.mark.parametrize(
    ("name", "arguments", "value", "expected", "right"),
    [
        ("are_equivalent", [36, 57], True, False, True),
        ("are_equivalent", [36, 57], None, False, False),
        ("are_equivalent", [36, 57], "True", False, False),
        ("sum_div", [8], 0, 7, True),
        ("sum_div", [8], 6, 7, False),
        ("surface_Area", [3, 4], 35, 33, True),
        ("surface_Area", [3, 4], 34, 33, False),
        ("surface_Area", [3, 4], "35", 33, False),
        ("digit_distance_nums", [23, 56], 6, 5, True),
        ("digit_distance_nums", [1, 23], 4, 5, True),
        ("digit_distance_nums", [1, 23], 3, 5, False),
        ("another", [8], 0, 7, False),
    ],
)
def test_oracles(name: str, arguments: Any, value: Any, expected: Any, right: bool) -> None:
    assert is_right(grading(name), arguments, value, expected, 0.0) is right


@pytest.mark.parametrize(
    ("value", "right"),
    [
        (-0.5, True),
        (-0.50001, True),
        (-0.6, False),
        (math.nan, False),
        (None, False),
        (1j, False),
        ([], False),
    ],
)
def test_any_root_is_a_root(value: Any, right: bool) -> None:
    zero = grading("find_zero", suite="humaneval", atol=1e-4)
    assert is_right(zero, [[1, 2]], value, -0.5, 1e-4) is right


def test_rules_know_a_problem_whose_function_has_another_name() -> None:
    twin = replace(grading("locate_zero", suite="humaneval", atol=1e-4), known_as="find_zero")
    assert has_oracle(twin)
    assert is_right(twin, [[1, 2]], -0.50001, -0.5, 1e-4)
    assert view_of(replace(grading("Variation"), known_as="Diff")) == "set"


def test_types_count_where_values_are_only_close() -> None:
    assert not is_right(grading("f"), [], (1.0000001,), [1.0], 1e-6)
    assert is_right(grading("f"), [], [1.0000001], [1.0], 1e-6)


def test_views() -> None:
    assert view_of(grading("Diff")) == "set"
    assert view_of(grading("check_str")) == "presence"
    assert view_of(grading("Diff", suite="humaneval")) == "value"


def test_inputs_survive_json_as_they_are() -> None:
    row = [[1, -(2**80), 1.5, "é", None, True, {"a": [math.inf]}]]
    assert formed(json.loads(json.dumps(row)), ()) == row
