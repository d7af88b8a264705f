"""A twin is the same task with other names in all of its files: always the same, another for each number."""

import ast
import unittest
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import ModuleType

import pytest

from llmbench.api import Context, Task, Wrong
from llmbench.errors import DatasetError
from llmbench.resources import resource_dir
from llmbench_plugins.datasets.catalog import Catalog, Options, Quickstart
from llmbench_plugins.datasets.shared.twins import MOST, RENAMED, Wishes, twin_of


def ours(number: int) -> dict[str, Task]:
    context = Context(work_dir=resource_dir("tasks"), cache_dir=resource_dir("tasks"))
    datasets = [kind(Options(twin=number), context) for kind in (Quickstart, Catalog)]
    return {f"{type(dataset).__name__} {task.id}": task for dataset in datasets for task in dataset.tasks()}


ORIGINALS = ours(0)
TWINS = {number: ours(number) for number in (1, 2, 3)}


def task_in(language: str, reference: str, tests: str, *, starter: str = "", **more: object) -> Task:
    suffix = {"python": "py", "javascript": "js", "go": "go", "rust": "rs", "cpp": "h", "html": "js"}[
        language
    ]
    file = f"src.{suffix}"
    return Task(
        **{  # type: ignore[arg-type]
            "id": "t",
            "instructions": "Write `src`.",
            "starter": {file: (starter or reference).encode()},
            "reference": {file: reference.encode()},
            "tests": {f"checks.{suffix}": tests.encode()},
            "editable": (file,),
            "language": language,
            **more,
        }
    )


def renamed(task: Task, number: int = 1, **more: object) -> Mapping[str, str]:
    names: Mapping[str, str] = twin_of(task, number, **more).about[RENAMED]  # type: ignore[arg-type]
    return names


def texts(task: Task) -> Iterator[str]:
    yield task.instructions
    for files in (task.starter, task.reference, task.tests, *(wrong.files for wrong in task.wrong.values())):
        yield from (content.decode() for content in files.values())


@pytest.mark.parametrize("name", ORIGINALS)
def test_each_task_of_ours_has_twins_that_differ(name: str) -> None:
    names = [TWINS[number][name].about[RENAMED] for number in TWINS]
    for old in set().union(*names):
        news = [each[old] for each in names]
        assert len({old, *news}) == 4
        assert not any(new in text for new in news for text in texts(ORIGINALS[name]) if "_" in new)
    assert len({task[name].digest for task in (ORIGINALS, *TWINS.values())}) == (4 if names[0] else 1)


def test_most_tasks_of_ours_have_twins() -> None:
    same = [name for name, task in TWINS[1].items() if not task.about[RENAMED]]
    # Pages and command-line tools are asked by what people see and type.
    assert len(same) <= 0.15 * len(ORIGINALS), same


def test_a_twin_is_always_the_same() -> None:
    assert {name: task.digest for name, task in ours(2).items()} == {n: t.digest for n, t in TWINS[2].items()}


def test_ids_and_files_keep_their_names() -> None:
    for name, task in ORIGINALS.items():
        twin = TWINS[1][name]
        assert (twin.id, twin.editable, twin.grading) == (task.id, task.editable, task.grading)
        assert (list(twin.starter), list(twin.tests)) == (list(task.starter), list(task.tests))
        assert {key: list(wrong.files) for key, wrong in twin.wrong.items()} == {
            key: list(wrong.files) for key, wrong in task.wrong.items()
        }


def run(task: Task, answer: Mapping[str, bytes]) -> unittest.TestResult:
    """Run tests in Python; what they import is the answer."""
    modules = {path.removesuffix(".py"): content for path, content in answer.items()}
    assert len(modules) == 1
    name, source = next(iter(modules.items()))
    module = ModuleType(name)
    exec(compile(source, name, "exec"), module.__dict__)  # noqa: S102 - references of ours
    tests = ModuleType("tests")
    tree = ast.parse(next(iter(task.tests.values())))
    wanted = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == name]
    tests.__dict__.update(
        {alias.name: getattr(module, alias.name) for node in wanted for alias in node.names}
    )
    tree.body = [node for node in tree.body if node not in wanted]
    exec(compile(tree, "tests", "exec"), tests.__dict__)  # noqa: S102
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromModule(tests).run(result)
    return result


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("name", [name for name in ORIGINALS if name.startswith("Quickstart")])
def test_references_pass_and_originals_do_not(name: str, number: int) -> None:
    twin = TWINS[number][name]
    result = run(twin, twin.reference)
    assert result.wasSuccessful(), result.errors + result.failures
    assert result.testsRun == twin.grading["tests"]
    with pytest.raises(AttributeError):
        run(twin, ORIGINALS[name].reference)


def test_names_of_others_stay() -> None:
    reference = """
import math
class Box(list):
    def fold(self): ...
    def grow(self, size): return size
class Own:
    def put(self): ...
    def lift(self): return math.lift
    def turn(self): ...
def parse(text): return len
def scan(): ...
def pick(): ...
def label(): return "label"
"""
    tests = """
from src import *
Box().fold(); Box().grow(size=1); Own().put(); Own().lift(); Own().turn(); parse(""); scan(); label()
import pick
"""
    shown = "Write `src` with `Box`, `Own`."
    assert set(renamed(task_in("python", reference, tests, instructions=shown))) == {
        "Box",
        "Own",
        "turn",
        "parse",
        "scan",
    }


def test_a_name_that_a_data_file_holds_stays() -> None:
    task = task_in("python", "def scan(): ...", "from src import scan; scan()")
    assert set(renamed(task)) == {"scan"}
    assert renamed(replace(task, tests={**task.tests, "cases.json": b'["scan"]'})) == {}


def test_a_name_that_a_model_is_never_shown_stays() -> None:
    task = task_in("python", "def scan(): ...", "from src import scan; scan()", starter="# write it")
    assert renamed(task) == {}
    assert set(renamed(replace(task, instructions="Write `scan()`."))) == {"scan"}


JAVASCRIPT = """
import { readFile } from 'fs';
export class Pool {
  add(x) {}
  get idle() { return go(1); }
  static of() {}
}
export const LIMIT = 3;
export function spread() {}
"""
JAVASCRIPT_TESTS = """
import { Pool, LIMIT, spread } from './src.js';
new Pool().add(1); pool.idle; spread(LIMIT, readFile);
"""
GO = """package src

import "sort"

type Sheet struct{}

var (
\tErrFull = 1
\thidden = 2
)

func Parse() {}
func (s *Sheet) Fill(n int) {}
func (s Sheet) String() string { return "" }
func Slice() { sort.Slice() }
func New() {}
"""
GO_TESTS = """package src_test
func TestX() {
\tsrc.New(); s := src.Parse(); s.Fill(1); s.String(); src.ErrFull; src.Sheet{}; src.Slice()
}
"""
RUST = """
use std::fmt::{self, Write};
pub struct Grid;
pub trait Walk { fn stroll(&self); }
impl Walk for Grid { fn stroll(&self) {} }
impl fmt::Display for Grid { fn fmt(&self) {} fn odd_one(&self) {} }
impl Grid { pub fn new() {} pub fn cells(&self) {} }
pub fn solve_it() {}
pub fn measured() -> String { let measured = 1; format!("{measured:>5} of {{solve_it}}") }
"""
RUST_TESTS = """
use src::{Grid, Walk, solve_it};
fn t() { src::measured(); Grid::new().stroll(); g.cells(); solve_it(); g.odd_one(); write(Write) }
"""
CPP = """#pragma once
#include <vector>
namespace ns {
class Matrix {
 public:
  explicit Matrix(int n);
  int at(int i) const;
  double trace() const { return sum(1); }
 private:
  std::vector<int> cells_;
};
std::vector<int> product(const Matrix& a);
}
"""
CPP_TESTS = """#include "src.h"
TEST_CASE("x") { ns::Matrix m(1); m.at(0); m.trace(); ns::product(m); std::vector<int> v; sum(1); }
"""


@pytest.mark.parametrize(
    ("language", "reference", "tests", "expected"),
    [
        ("javascript", JAVASCRIPT, JAVASCRIPT_TESTS, {"Pool", "idle", "LIMIT", "spread"}),
        ("go", GO, GO_TESTS, {"Sheet", "ErrFull", "Parse", "Fill", "Slice"}),
        ("rust", RUST, RUST_TESTS, {"Grid", "Walk", "stroll", "cells", "solve_it"}),
        ("cpp", CPP, CPP_TESTS, {"Matrix", "trace", "product"}),
        ("html", "export function draw() {}", "import { draw } from './src.js'; draw()", set()),
    ],
)
def test_languages(language: str, reference: str, tests: str, expected: set[str]) -> None:
    assert set(renamed(task_in(language, reference, tests))) == expected


def test_an_author_has_the_last_word() -> None:
    task = task_in("python", "def scan(): ...\ndef pick(): ...", "from src import *\nscan(); pick()")
    wishes = Wishes(keep=("pick",), names={"scan": ("look", "peer")})
    assert [renamed(task, number, wishes=wishes) for number in (1, 2)] == [{"scan": "look"}, {"scan": "peer"}]
    assert len({renamed(task, number, wishes=wishes)["scan"] for number in range(1, MOST + 1)}) == MOST


def test_an_author_can_name_what_a_page_calls() -> None:
    task = task_in("html", "export function draw() {}", "import { draw } from './src.js'; draw()")
    page = b'<p class="draw"><script>draw()</script>'
    twin = twin_of(
        replace(task, starter={**task.starter, "index.html": page}), 1, Wishes(names={"draw": ("paint",)})
    )
    assert twin.starter["index.html"] == b'<p class="draw"><script>paint()</script>'
    assert twin.reference["src.js"] == b"export function paint() {}"


@pytest.mark.parametrize(
    "names", [{"nothing": ("new",)}, {"scan": ("pick",)}, {"scan": ("no name",)}, {"scan": ("if",)}]
)
def test_a_wish_that_can_not_be_fulfilled_is_named(names: Mapping[str, tuple[str, ...]]) -> None:
    task = task_in("python", "def scan(): ...\ndef pick(): ...", "from src import *\nscan(); pick()")
    with pytest.raises(DatasetError, match=r"t: twin\.names: expected"):
        twin_of(task, 1, Wishes(names=names))


def test_tests_that_are_sentences_are_still_found_by_wrong_solutions() -> None:
    reference, tests = "export function spreadOut() {}", "test('spreadOut is fair', () => spreadOut())"
    wrong = {
        "w": Wrong(
            files={"src.js": b"export function spreadOut(x) {}"}, why="y", fails=("spreadOut is fair",)
        )
    }
    twin = twin_of(task_in("javascript", reference, tests, wrong=wrong), 1)
    new = twin.about[RENAMED]["spreadOut"]
    assert twin.wrong["w"].fails == (f"{new} is fair",)
    assert f"'{new} is fair'" in twin.tests["checks.js"].decode()


def test_what_is_no_text_stays() -> None:
    task = task_in("python", "def scan(): ...", "from src import scan; scan()")
    twin = twin_of(replace(task, starter={**task.starter, "a.bin": b"\xff\x00"}), 1)
    assert twin.starter["a.bin"] == b"\xff\x00"
    assert renamed(replace(task, language="vue")) == {}
