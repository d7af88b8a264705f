"""Run references of tasks under the race detectors and sanitizers of their languages, again and again.

    python benchmarks/races.py                              # the catalog's tasks with the tag concurrency
    python benchmarks/races.py tasks/rate_limiter --times 100

The plain tools of this machine build and run them, in no box: references only, which are trusted. Go's tests
run with -race, C++'s with -fsanitize=thread, then with -fsanitize=address,undefined. For Rust, Python and
JavaScript there is no such tool, and their tests are repeated, so that what fails now and then is seen. What
can't run here is skipped with the reason. The exit code is 1 if anything failed.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from llmbench.registry import load
from llmbench_plugins.sandboxes.shared.libraries import libraries_folder

CATALOG = Path(__file__).parents[1] / "tasks/catalog"
TAG = "concurrency"
LIMIT_S = 1800.0


@dataclass(frozen=True)
class Way:
    """One way to run the tests of a language, as lines for a shell in the folder of a task."""

    name: str
    possible: str
    """Fails where this way is impossible."""
    build: str
    run: str
    """What is repeated."""


def _sanitized(kinds: str) -> Way:
    flags = f"-std=c++17 -g -fsanitize={kinds}"
    catch = "#include <catch2/catch.hpp>"
    return Way(
        name=f"-fsanitize={kinds}",
        possible=f"printf '{catch}\\nint main() {{}}' | g++ {flags} -x c++ - -o run && ./run",
        # Catch2's own part is the same for all, takes long to compile, and is not what is looked at.
        build=f"[ -f ../../catch_main.o ] || printf '#define CATCH_CONFIG_MAIN\\n{catch}\\n' "
        "| g++ -std=c++17 -x c++ -c - -o ../../catch_main.o && "
        f"g++ {flags} -I. $(find . -name '*.cpp') ../../catch_main.o -pthread -o run",
        run="./run",
    )


WAYS: Mapping[str, tuple[Way, ...]] = {
    "go": (
        Way(
            name="-race",
            possible="printf 'package main\\nfunc main() {}\\n' > main.go && go run -race main.go",
            build="go vet ./...",
            run="go test -race -count=1 ./...",
        ),
    ),
    "cpp": (_sanitized("thread"), _sanitized("address,undefined")),
    "rust": (Way("repeated", "cargo --version", "cargo test --offline --no-run", "cargo test --offline"),),
    "python": (Way("repeated", "true", "true", f"{sys.executable} -m pytest -q -p no:cacheprovider"),),
    "javascript": (Way("repeated", "node --version", "true", "node --test"),),
}
# What a race detector or a runner says in the line that tells most, from the most telling on.
_TELLING = ("DATA RACE", "ERROR: ", "WARNING: ", "error: ", "panicked", "FAILED", "FAIL", "not ok")


def main() -> int:
    """Run all, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("tasks", nargs="*", type=Path, help=f"folders of tasks (the catalog's, tagged {TAG})")
    parser.add_argument("--times", type=int, default=20, help="how often each runs (20)")
    options = parser.parse_args()
    if strangers := [str(task) for task in options.tasks if not (task / "metadata.json").is_file()]:
        parser.error(f"expected a folder with metadata.json, got '{strangers[0]}'")
    print("| task | way | times | result | seconds |")
    print("|---|---|---:|---|---:|")
    tasks = options.tasks or sorted(_tagged())
    with tempfile.TemporaryDirectory() as name:
        results = [result for task in tasks for result in _rows(task, Path(name), options.times)]
    return int(any(result.startswith("failed") for result in results))


def _tagged() -> Iterator[Path]:
    for file in CATALOG.glob("*/*/metadata.json"):
        if TAG in json.loads(file.read_text(encoding="utf-8"))["tags"]:
            yield file.parent


def _rows(task: Path, work: Path, times: int) -> Iterator[str]:
    """Run one task in all ways of its language, a row each."""
    language = json.loads((task / "metadata.json").read_text(encoding="utf-8"))["language"]
    for way in WAYS.get(language, ()):
        started = time.monotonic()
        with tempfile.TemporaryDirectory(dir=work) as folder:
            done, result = _repeated(way, task, Path(folder), times)
        cells = (
            f"{language}/{task.resolve().name}",
            way.name,
            done,
            result,
            f"{time.monotonic() - started:.1f}",
        )
        print("|", " | ".join(map(str, cells)), "|", flush=True)
        yield result


def _repeated(way: Way, task: Path, folder: Path, times: int) -> tuple[int, str]:
    """Return how often the tests ran, and what came of it."""
    (folder / "trial").mkdir()
    if (ran := _shell(way.possible, folder / "trial")).returncode:
        return 0, f"skipped: not possible here: {_said(ran.stdout)}"
    for part in ("workspace", "solution", "tests"):
        shutil.copytree(task / part, folder / "work", dirs_exist_ok=True)
    if (ran := _shell(way.build, folder / "work")).returncode:
        return 0, f"failed to build: {_said(ran.stdout)}"
    for number in range(1, times + 1):
        if (ran := _shell(way.run, folder / "work")).returncode:
            return number, f"failed: {_said(ran.stdout)}"
    return times, "clean"


def _shell(line: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(
            ["sh", "-c", line],
            cwd=folder,
            env={**os.environ, **_environment()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(line, 124, stdout=f"no end within {LIMIT_S:.0f} s")


def _environment() -> Mapping[str, str]:
    """Return where Catch2 is if the toolchain brought it, and that nothing is fetched."""
    own = {"GOFLAGS": "-mod=mod", "GOPROXY": "off", "UBSAN_OPTIONS": "halt_on_error=1"}
    folder = libraries_folder(load("toolchain", "cpp"), Path(platformdirs.user_cache_dir("llmbench")))
    return own | ({"CPLUS_INCLUDE_PATH": str(folder / "include")} if folder and folder.is_dir() else {})


def _said(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for word in _TELLING for line in lines if word in line]
    return (telling or lines[-1:] or ["no word"])[0].replace("|", "/")[:200]


if __name__ == "__main__":
    sys.exit(main())
