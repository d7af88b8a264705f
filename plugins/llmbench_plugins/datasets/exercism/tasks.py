"""From an exercise's files to a task: what is shown, may change, is hidden, and is the reference."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Any

from llmbench.api import Files, Task
from llmbench.errors import DatasetError
from llmbench_plugins.datasets.shared import running_tests
from llmbench_plugins.datasets.shared.twins import in_other_words, twin_of

_NOT_FOR_GRADING = (".meta", ".docs", ".approaches", ".articles")
"""Worked solutions and texts: in no workspace, and in no box."""
REFERENCE_ONLY = ".reference/"
"""Where ``tests`` keeps files of the reference that an answer may not bring: no part of the graded tree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What of an exercise the model may see and change."""

    tests: bool
    context: bool
    cargo_toml: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Track:
    """What is the same in all exercises of a language."""

    toolchain: str
    tests: tuple[str, ...]
    """Patterns of test files beyond those that an exercise lists."""
    steering: tuple[str, ...]
    """Names of files that could steer the build or the test runner: an answer that brings one is tampered."""
    run_tests: tuple[str, ...]
    """How an agent runs the tests, where it sees them."""
    build: tuple[str, ...] = ()
    """Build files that are worth seeing."""
    more: tuple[str, ...] = ()
    """Patterns of further files that an answer may bring."""
    unlisted: tuple[tuple[str, str], ...] = ()
    """Files of references that no config.json lists, and what they are meant for."""


_NODE = "/opt/llmbench/node/node_modules"
# Catch2's own part takes a compiler long, so it is compiled once.
_CPP = """\
set -e
out="${TMPDIR:-/tmp}/tests"; mkdir -p "$out"
[ -f "$out/main.o" ] || g++ -std=c++17 -I. -c test/tests-main.cpp -o "$out/main.o"
g++ -std=c++17 -Wall -Wextra -Wpedantic -Werror -DEXERCISM_RUN_ALL_TESTS -I. *.cpp "$out/main.o" -pthread \\
    -o "$out/run"
exec "$out/run"
"""
TRACKS: Mapping[str, _Track] = {
    "python": _Track(
        toolchain="python",
        tests=("*_test.py", "test_*.py", "*/test_*.py"),
        steering=(
            "conftest.py",
            "pytest.ini",
            ".pytest.ini",
            "tox.ini",
            "setup.cfg",
            "pyproject.toml",
            "sitecustomize.py",
            "usercustomize.py",
            "*.pth",
        ),
        run_tests=running_tests.unittest_below(".", "*_test.py"),
    ),
    "javascript": _Track(
        toolchain="node",
        tests=("*.spec.js", "*.test.js", "*.spec.mjs", "*.test.mjs", "__tests__/*", "__mocks__/*"),
        steering=("jest.config.*", "babel.config.*", ".babelrc*", "package.json", ".npmrc"),
        build=("package.json",),
        run_tests=("env", f"NODE_PATH={_NODE}", "node", f"{_NODE}/jest/bin/jest.js", "--ci"),
    ),
    "go": _Track(
        toolchain="go",
        tests=("*_test.go",),
        steering=("go.work",),
        build=("go.mod",),
        run_tests=running_tests.go(),
    ),
    "rust": _Track(
        toolchain="rust",
        tests=("tests/*", "benches/*"),
        steering=("build.rs", ".cargo/*", "rust-toolchain", "rust-toolchain.toml", "rustfmt.toml"),
        build=("Cargo.toml",),
        unlisted=((".meta/Cargo-example.toml", "Cargo.toml"),),
        run_tests=running_tests.rust(ignored_too=True),
    ),
    "java": _Track(
        toolchain="java",
        tests=("src/test/*",),
        steering=(
            "build.gradle*",
            "settings.gradle*",
            "gradle.properties",
            "gradle/*",
            "gradlew*",
            "buildSrc/*",
        ),
        build=("build.gradle",),
        more=("src/main/java/*.java",),
        run_tests=running_tests.java("src", disabled_too=True),
    ),
    "cpp": _Track(
        toolchain="cpp",
        tests=("*_test.cpp", "test/*"),
        steering=("CMakeLists.txt", "*.cmake", "CMakePresets.json", "CMakeUserPresets.json"),
        build=("CMakeLists.txt",),
        run_tests=("sh", "-c", _CPP),
    ),
}


def read_task(language: str, slug: str, files: Files, shown: Shown, *, twin: int = 0) -> Task:
    """Return one exercise as a task, or a twin of it.

    Raises:
        DatasetError: a file that it needs is missing or can't be read; the message names it.
    """
    exercise = _Exercise(language, slug, files)
    editable = exercise.editable(shown)
    starter = exercise.starter(shown)
    reference = exercise.reference()
    outside = {p: c for p, c in reference.items() if not any(fnmatchcase(p, e) for e in editable)}
    hidden = {path: content for path, content in exercise.tree.items() if path not in starter}
    task = Task(
        id=f"{language}/{slug}",
        instructions=exercise.instructions(editable),
        starter=starter,
        editable=editable,
        protected=exercise.protected(editable),
        toolchain=exercise.track.toolchain,
        language=language,
        grading={"solution": list(exercise.solution), "tests": list(exercise.tests)},
        shown_tests=exercise.shown_tests() if shown.tests else {},
        tests={**hidden, **{f"{REFERENCE_ONLY}{path}": content for path, content in outside.items()}},
        commands={"run_tests": exercise.track.run_tests} if shown.tests else {},
        reference={path: content for path, content in reference.items() if path not in outside},
    )
    return twin_of(task, twin, instructions=exercise.instructions(editable, twin))


class _Exercise:
    def __init__(self, language: str, slug: str, files: Files) -> None:
        self.where = f"{language}/exercises/practice/{slug}"
        self.track = TRACKS[language]
        self.files = files
        self.config = self._config()
        self.solution = self._listed("solution")
        self.tests = self._listed("test")
        self.tree = {p: c for p, c in files.items() if p.split("/")[0] not in _NOT_FOR_GRADING}

    def instructions(self, editable: Sequence[str], twin: int = 0) -> str:
        names = ("introduction", "instructions", "instructions.append")
        texts = [self.files.get(f".docs/{name}.md", b"").decode(errors="replace").strip() for name in names]
        if not texts[1]:
            raise DatasetError(f"{self.where}/.docs/instructions.md is missing or empty")
        named = ", ".join(f"`{path}`" for path in self.solution if path in editable)
        return "\n\n".join([*filter(None, texts), in_other_words(_ADDENDA, twin).format(files=named)])

    def editable(self, shown: Shown) -> tuple[str, ...]:
        fixed = () if shown.cargo_toml else ("Cargo.toml",)
        return (*(path for path in self.solution if path not in fixed), *self.track.more)

    def starter(self, shown: Shown) -> dict[str, bytes]:
        beside = (*self._listed("editor", needed=False), *self.track.build) if shown.context else ()
        names = [*self.solution, *(path for path in beside if not self._is_test(path))]
        if shown.tests:
            names += [path for path in self.tree if path not in names and not self._is_test(path)]
        return {path: self.tree[path] for path in dict.fromkeys(names) if path in self.tree}

    def shown_tests(self) -> dict[str, bytes]:
        """Return the tests and what belongs to them, as published."""
        return {path: content for path, content in self.tree.items() if self._is_test(path)}

    def protected(self, editable: Sequence[str]) -> tuple[str, ...]:
        """Return patterns of what steers the tests, wherever it lies; never of what an answer consists of."""
        steering = (*self.track.tests, *self.track.steering)
        deeper = (f"*/{name}" for name in self.track.steering)
        listed = (path for path in self.tree if self._is_test(path))
        return tuple(dict.fromkeys([*steering, *deeper, *listed]))

    def reference(self) -> dict[str, bytes]:
        listed = {self._target(path): self.files[path] for path in self._listed("example")}
        unlisted = {to: self.files[at] for at, to in self.track.unlisted if at in self.files}
        return listed | unlisted

    def _target(self, example: str) -> str:
        """Return the file of an answer that an example is meant for."""
        name, kind = PurePosixPath(example).name, PurePosixPath(example).suffix
        by_name = [path for path in self.solution if PurePosixPath(path).name == name]
        by_kind = [path for path in self.solution if PurePosixPath(path).suffix == kind]
        if "/reference/java/" in example and not by_name:
            return f"src/main/java/{name}"
        if not (found := by_name or by_kind):
            raise DatasetError(f"{self.where}/{example}: no file of the solution has its name or kind")
        return found[0]

    def _is_test(self, path: str) -> bool:
        return path in self.tests or any(fnmatchcase(path, pattern) for pattern in self.track.tests)

    def _config(self) -> Mapping[str, Any]:
        path = ".meta/config.json"
        try:
            config = json.loads(self.files[path])
            return dict(config["files"])
        except KeyError as error:
            raise DatasetError(f"{self.where}/{path}: {error} is missing") from None
        except (ValueError, TypeError) as error:
            raise DatasetError(f"{self.where}/{path} can't be read: {error}") from None

    def _listed(self, kind: str, *, needed: bool = True) -> tuple[str, ...]:
        """Return the files of one kind that config.json lists, all of which are there."""
        paths = self.config.get(kind, [])
        if needed and not paths:
            raise DatasetError(f"{self.where}/.meta/config.json: files.{kind} is missing or empty")
        for path in paths:
            if path not in self.files:
                raise DatasetError(f"{self.where}/{path} is missing, although .meta/config.json lists it")
        return tuple(paths)


_ADDENDA = (
    """\
## How to answer

Write your solution into {files}. Tests will use it, so keep the names of files, functions, classes and \
parameters that the given code has. Nothing but the language's standard library is installed, unless the \
exercise says otherwise. Add no tests and no configuration of a build or a test runner.""",
    """\
## Your answer

The solution goes into {files}. Do not rename the files, functions, classes and parameters that are given, \
because tests use them. Only the language's standard library is there, unless the exercise says otherwise. \
Leave out tests, and configuration of a build or a test runner.""",
    """\
## What to hand in

Put your solution into {files}. All files, functions, classes and parameters that you were given keep their \
names: tests will call them. You can use the standard library of the language and nothing else, unless the \
exercise says otherwise. No tests, please, and no configuration of a build or a test runner.""",
    """\
## Handing it in

{files} will hold your solution. Tests rely on the names of files, functions, classes and parameters in the \
given code, so these must stay. Apart from what the exercise itself names, only the language's standard \
library is installed. Tests, and configuration of a build or a test runner, are not part of an answer.""",
)
"""The first is that of an original."""
