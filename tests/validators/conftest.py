"""Grading of our own exercises in compiled languages, in boxes of the first sandbox that can serve them."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import platformdirs
import pytest

from llmbench.api import Boxes, Context, Limits, Sandbox, Task, Toolchain, Verdict
from llmbench.errors import PrerequisiteError
from llmbench.registry import load
from llmbench.testing.validator import OpenBoxes
from llmbench_plugins.datasets.exercism.dataset import Exercism as Exercises
from llmbench_plugins.datasets.exercism.dataset import Options as Chosen
from llmbench_plugins.validators.exercism.layout import suite_of
from llmbench_plugins.validators.exercism.validator import Exercism, Options
from llmbench_plugins.validators.native.suite import Job

POLYGLOT = Path(__file__).parents[1] / "data" / "polyglot"


def coin_jar(language: str, folder: Path, **more: object) -> Task:
    """Return our exercise of a language."""
    options = Chosen(path=str(POLYGLOT), languages=(language,), **more)  # type: ignore[arg-type]
    dataset = Exercises(options, Context(work_dir=folder, cache_dir=folder))
    return next(task for task in dataset.tasks() if task.id == f"{language}/coin-jar")


@pytest.fixture
def exercise() -> Callable[..., Task]:
    """Return what makes our exercise of a language."""
    return coin_jar


class Compiled:
    """Grades answers to our exercise of one language."""

    def __init__(self, language: str, boxes: Boxes, cache: Path) -> None:
        self.task = coin_jar(language, cache)
        self.boxes = boxes
        self.cache = cache

    def validator(self, **options: object) -> Exercism:
        """Return a validator that keeps what references pass for all tests."""
        context = Context(work_dir=self.cache, cache_dir=self.cache)
        return Exercism(Options(**options), context)  # type: ignore[arg-type]

    def __call__(self, answer: dict[str, str], **options: object) -> Verdict:
        """Grade the reference with the files of ``answer`` laid over it."""
        files = {**self.task.reference, **{path: text.encode() for path, text in answer.items()}}
        return asyncio.run(self.validator(**options).grade(self.task, files, self.boxes))

    def nothing(self) -> Verdict:
        """Grade the untouched starter."""
        return asyncio.run(self.validator().grade(self.task, {}, self.boxes))

    def job(self, answer: dict[str, bytes]) -> Job:
        """Return what a runner is told of an answer, laid over the starter."""
        return Job(suite=suite_of(self.task, "strict", 60.0, Limits()), answer=answer)

    def reference(self, path: str, old: str = "", new: str = "") -> str:
        """Return a file of the reference, with something replaced that it must hold."""
        text = {**self.task.starter, **self.task.reference}[path].decode()
        assert old in text
        return text.replace(old, new) if old else text


def _sandbox(toolchain: Toolchain, folder: Path) -> Sandbox:
    # Libraries and images are the user's own, made once: they are too large to make for every test.
    context = Context(work_dir=folder, cache_dir=Path(platformdirs.user_cache_dir("llmbench")), label="tests")
    reasons = []
    for name in ("bubblewrap", "docker"):
        kind: type[Sandbox] = load("sandbox", name)
        sandbox = kind(kind.Options(), context)
        try:
            asyncio.run(sandbox.prepare(toolchain))
        except PrerequisiteError as error:
            reasons.append(str(error))
        else:
            return sandbox
    pytest.skip("; ".join(reasons))


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[[str], Sandbox]]:
    """Return a sandbox that can serve a toolchain, by the toolchain's name."""
    sandboxes: list[Sandbox] = []

    def sandbox(name: str) -> Sandbox:
        sandboxes.append(_sandbox(load("toolchain", name), tmp_path))
        return sandboxes[-1]

    yield sandbox
    for made in sandboxes:
        asyncio.run(made.close())


@pytest.fixture(scope="module")
def opened_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Sandbox]]:
    """The same, once for all tests of a module."""
    sandboxes: dict[str, Sandbox] = {}

    def sandbox(name: str) -> Sandbox:
        if name not in sandboxes:
            sandboxes[name] = _sandbox(load("toolchain", name), tmp_path_factory.mktemp("work"))
        return sandboxes[name]

    yield sandbox
    for made in sandboxes.values():
        asyncio.run(made.close())


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Compiled]]:
    """Return a grader by the name of a language, which is that of its toolchain."""
    made: dict[str, Compiled] = {}
    sandboxes: list[Sandbox] = []

    def grader(language: str) -> Compiled:
        if language not in made:
            toolchain: Toolchain = load("toolchain", language)
            sandboxes.append(_sandbox(toolchain, tmp_path_factory.mktemp("work")))
            boxes = OpenBoxes(sandboxes[-1], [toolchain])
            made[language] = Compiled(language, boxes, tmp_path_factory.mktemp("exercism"))
        return made[language]

    yield grader
    for sandbox in sandboxes:
        asyncio.run(sandbox.close())
