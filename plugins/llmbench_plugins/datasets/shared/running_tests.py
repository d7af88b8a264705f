"""The usual command of each language for running tests, as an agent runs them over a workspace.

What is built lies outside the workspace, where it is nobody's work. Grading uses none of this.
"""

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from llmbench.api import Files

Command = tuple[str, ...]

# A copy of links to the standard library as it was compiled: the compiler's cache must be writable.
_GO = """\
mkdir -p "$GOCACHE"; cp -rs /opt/llmbench/go/cache/. "$GOCACHE"/ 2>/dev/null
HOME="${TMPDIR:-/tmp}" exec go test ./...
"""
_RUST = 'CARGO_TARGET_DIR="${TMPDIR:-/tmp}/target" exec cargo test --offline'
# JUnit's own program.
_JAVA = """\
set -e
out="${TMPDIR:-/tmp}/classes"; mkdir -p "$out"
jars='/opt/llmbench/java/*'
find FOLDER -name '*.java' -exec javac -proc:none -encoding UTF-8 -nowarn -cp "$jars" -d "$out" {} +
exec java -XX:+UseSerialGC -cp "$jars:$out" org.junit.platform.console.ConsoleLauncher execute \\
    --scan-classpath "$out" --disable-banner --disable-ansi-colors"""
_DISABLED_TOO = " --config 'junit.jupiter.conditions.deactivate=*'"
# Catch2's own part takes a compiler long, so it is compiled once.
_CPP = """\
set -e
out="${TMPDIR:-/tmp}/tests"; mkdir -p "$out"
[ -f "$out/main.o" ] || printf '%s\\n' MAIN | g++ -std=c++17 -I. -x c++ -c - -o "$out/main.o"
find . -name '*.cpp' -exec g++ FLAGS -I. -pthread -o "$out/run" "$out/main.o" {} +
exec "$out/run"
"""
_MAIN = "CATCH_CONFIG_MAIN"
_JEST = (
    *("node", "--experimental-vm-modules", "--no-warnings"),
    *("/opt/llmbench/node/node_modules/jest/bin/jest.js", "--ci"),
)
_PLAIN_TESTS = Path(__file__).parent / "remote" / "plain_tests.py"


def usual(language: str, *, tests: Files, support: Files, flags: Sequence[str] = ()) -> Command | None:
    """Return how tests of a language usually run; None for one that has no usual way.

    Args:
        language: of the tests.
        tests: the files that hold them.
        support: what they need beside them.
        flags: what C++'s compiler is told.
    """
    commands: Mapping[str, Callable[[], Command]] = {
        "cpp": lambda: cpp({**support, **tests}, flags),
        "go": go,
        "java": java,
        "javascript": lambda: javascript(tests),
        "python": lambda: python(tests),
        "rust": rust,
    }
    return commands[language]() if language in commands else None


def python(tests: Files) -> Command:
    """Return how tests of Python run: by unittest; plain functions by pytest, where there is one."""
    if all(b"unittest" in text for text in tests.values()):
        folders = sorted({path.rpartition("/")[0] or "." for path in tests})
        return _in_turn([unittest_below(folder, _pattern(tests)) for folder in folders])
    files, ours = shlex.join(sorted(tests)), shlex.quote(_PLAIN_TESTS.read_text(encoding="utf-8"))
    return _shell(
        "python3 -c 'import pytest' 2> /dev/null || exec python3 -c "
        f"{ours} {files}\nexec python3 -m pytest -q -p no:cacheprovider {files}\n"
    )


def unittest_below(folder: str, pattern: str = "test*.py") -> Command:
    """Return how unittest runs what it finds below a folder."""
    return ("python3", "-m", "unittest", "discover", "-s", folder, "-p", pattern)


def javascript(tests: Files) -> Command:
    """Return how tests of JavaScript run: by Node's own runner, or by jest where they use its globals."""
    own = [path for path, text in sorted(tests.items()) if b"node:test" in text]
    others = [path for path in sorted(tests) if path not in own]
    parts = [("node", "--test", *own)] if own else []
    return _in_turn([*parts, (*_JEST, "--rootDir", ".", "--runTestsByPath", *others)] if others else parts)


def go() -> Command:
    """Return how Go's tests run."""
    return _shell(_GO)


def rust(*, ignored_too: bool = False) -> Command:
    """Return how Rust's tests run, without a network."""
    return _shell(_RUST + (" -- --include-ignored" if ignored_too else ""))


def java(folder: str = ".", *, disabled_too: bool = False) -> Command:
    """Return how JUnit's tests run, without a build tool."""
    return _shell(_JAVA.replace("FOLDER", folder) + (_DISABLED_TOO if disabled_too else "") + "\n")


def cpp(tests: Files, flags: Sequence[str] = ()) -> Command:
    """Return how tests of Catch2 run: with the header that they bring, or the toolchain's."""
    own = min((path for path in tests if PurePosixPath(path).name == "catch.hpp"), default="")
    include = f'"{own}"' if own else "<catch2/catch.hpp>"
    sources = (text for path, text in tests.items() if path.endswith((".cpp", ".cc")))
    has_main = any(_MAIN.encode() in text for text in sources)
    main = "" if has_main else f"#define {_MAIN}\n#include {include}"
    words = {"MAIN": shlex.quote(main), "FLAGS": shlex.join(flags or ("-std=c++17",))}
    return _shell(re.sub("MAIN|FLAGS", lambda found: words[found[0]], _CPP))


def _shell(script: str) -> Command:
    return ("sh", "-c", script)


def _in_turn(commands: Sequence[Command]) -> Command:
    """Return one command that runs several, up to the first that fails."""
    return commands[0] if len(commands) == 1 else _shell(" && ".join(map(shlex.join, commands)))


def _pattern(tests: Files) -> str:
    """Return the narrowest usual pattern that all files of tests match."""
    names = [path.rpartition("/")[2] for path in tests]
    usual = (each for each in ("test*.py", "*_test.py") if all(fnmatchcase(name, each) for name in names))
    return next(usual, "*test*.py")
