"""Grade Exercism's references with llmbench, and run Aider's own commands over them one after the other.

    python benchmarks/exercism.py --path polyglot-benchmark --sandbox bubblewrap --languages python,go

Ours is the whole command ``llmbench dataset=exercism agent=oracle`` with two graders: its start, self-test,
boxes and report included. Theirs are the commands of Aider's harness on the bare machine, in a copy of each
exercise with the reference in place. One exercise is done before the clock starts, by both. Aider's commands
need npm, cmake and make, Boost's library, and Gradle, which is fetched; what does not run is said to be left
out. Beside Gradle, which may be out of reach, stands what it does at the least: javac, and JUnit's launcher.
"""

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import platformdirs
from against import compare_if_asked

from llmbench.api import Context, Task
from llmbench.registry import load
from llmbench_plugins.datasets.exercism.dataset import LANGUAGES, Exercism, Options
from llmbench_plugins.datasets.exercism.tasks import REFERENCE_ONLY, TRACKS
from llmbench_plugins.sandboxes.shared.libraries import install_libraries, libraries_folder
from llmbench_plugins.validators.exercism.unskip import unskipped

GRADERS = 2
_JUNIT = "org.junit.platform.console.ConsoleLauncher"
_JAVA = f"""mkdir -p out
javac -nowarn -encoding UTF-8 -cp "$LIBRARIES/*" -d out $(find src -name '*.java') &&
java -cp "$LIBRARIES/*:out" {_JUNIT} execute --scan-classpath out --details none --disable-banner"""
_CMAKE = 'cmake -DEXERCISM_RUN_ALL_TESTS=1 -G "Unix Makefiles" .. && make'
COMMANDS: Mapping[str, Mapping[str, str]] = {
    "python": {"pytest": f"{sys.executable} -m pytest"},
    "javascript": {"npm": "npm run test"},
    "go": {"go test": "go test ./..."},
    "rust": {"cargo test": "cargo test -- --include-ignored"},
    "java": {"gradlew": "./gradlew test", "no Gradle": _JAVA},
    "cpp": {"cmake": f"rm -rf build && mkdir build && cd build && {_CMAKE}"},
}


@dataclass(frozen=True)
class Took:
    """Seconds that the exercises of a language took together, and how many of them passed."""

    passed: int
    wall_s: float


def main() -> int:
    """Compare, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--path", type=Path, required=True, help="a checkout of the polyglot benchmark")
    parser.add_argument("--languages", default=",".join(LANGUAGES), help="such as python,go")
    parser.add_argument("--sandbox", default="auto")
    parser.add_argument("--each", type=int, help="only so many exercises a language, evenly spread")
    parser.add_argument("--only", default="", help="only these, such as leap,bowling")
    parser.add_argument(
        "--altered", action="store_true", help="measure what altered tests cost, and nothing else"
    )
    parser.add_argument("--without-theirs", action="store_true", help="measure llmbench alone")
    options = parser.parse_args()
    if options.altered:
        print("| language | load | exercises | references, s | with a comment, s | more |")
        print("|---|---:|---:|---:|---:|---:|")
        return _for_each_language(options, _compare_altered)
    print("| language | load | exercises | passed | llmbench, s | beside it | passed | s | ratio |")
    print("|---|---:|---:|---:|---:|---|---:|---:|---:|")
    return _for_each_language(options, _compare)


def _for_each_language(
    options: argparse.Namespace, measure: Callable[[str, list[Task], argparse.Namespace, Context], None]
) -> int:
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(platformdirs.user_cache_dir("llmbench"))
        context = Context(work_dir=Path(folder), cache_dir=cache, label="bench-exercism")
        for language in options.languages.split(","):
            tasks = _chosen(language, options, context)
            if tasks:
                measure(language, tasks, options, context)
    return 0


def _chosen(language: str, options: argparse.Namespace, context: Context) -> list[Task]:
    wanted = {name for name in options.only.split(",") if name}
    dataset = Exercism(Options(path=str(options.path.resolve()), languages=(language,)), context)  # type: ignore[arg-type]
    tasks = [task for task in dataset.tasks() if not wanted or task.id.split("/")[1] in wanted]
    each = min(options.each or len(tasks), len(tasks))
    return [tasks[number * len(tasks) // each] for number in range(each)]


def _compare(language: str, tasks: list[Task], options: argparse.Namespace, context: Context) -> None:
    load_before = os.getloadavg()[0]
    _ours(tasks[:1], options, context.work_dir / f"{language}-first")
    ours = _ours(tasks, options, context.work_dir / language)
    start = f"| {language} | {load_before:.1f} | {len(tasks)} | {ours.passed} | {ours.wall_s:.1f} |"
    commands = {} if options.without_theirs else COMMANDS[language]
    for name, command in commands.items():
        theirs = _theirs(language, tasks, command, options, context)
        if theirs is None:
            print(f"{start} {name} | does not run here | | |", flush=True)
        else:
            ratio = ours.wall_s / theirs.wall_s
            print(f"{start} {name} | {theirs.passed} | {theirs.wall_s:.1f} | {ratio:.2f} |", flush=True)
    if not commands:
        print(f"{start} | | | |", flush=True)


def _compare_altered(language: str, tasks: list[Task], options: argparse.Namespace, context: Context) -> None:
    """Compare references, which meet no altered tests, with the same under a comment, which do."""
    load_before = os.getloadavg()[0]
    answers = context.work_dir / f"{language}.jsonl"
    answers.write_text("".join(_commented(task) + "\n" for task in tasks), encoding="utf-8")
    commented = ("agent=prompt", "backend=replay", f"backend.path={answers}", "model.name=commented")
    # What is altered is found once a machine: by the first run, which does not count.
    _ours(tasks, options, context.work_dir / f"{language}-first", commented)
    plain = _ours(tasks, options, context.work_dir / language)
    altered = _ours(tasks, options, context.work_dir / f"{language}-altered", commented)
    if altered.passed != plain.passed:
        print(f"{language}: {altered.passed} passed with a comment, {plain.passed} without", file=sys.stderr)
    more = altered.wall_s / plain.wall_s - 1
    numbers = f"{len(tasks)} | {plain.wall_s:.1f} | {altered.wall_s:.1f} | {more:.0%}"
    print(f"| {language} | {load_before:.1f} | {numbers} |", flush=True)


def _commented(task: Task) -> str:
    """Return a model's answer: the reference, each file with a comment at its end."""
    mark = "#" if task.language == "python" else "//"
    files = {path: content.decode() for path, content in task.reference.items()}
    said = [
        f"`{path}`\n```\n{text}\n{mark if not path.endswith('.toml') else '#'} .\n```\n"
        for path, text in files.items()
    ]
    return json.dumps({"task": task.id, "sample": 0, "content": "\n".join(said)})


def _ours(
    tasks: Sequence[Task], options: argparse.Namespace, outputs: Path, who: Sequence[str] = ("agent=oracle",)
) -> Took:
    words = [
        *(sys.executable, "-m", "llmbench", "dataset=exercism", *who, "model=any"),
        *(f"dataset.path={options.path.resolve()}", f"sandbox={options.sandbox}", f"graders={GRADERS}"),
        *(f"tasks=[{','.join(task.id for task in tasks)}]", f"output_root={outputs}"),
        f"dataset.languages=[{tasks[0].language}]",
    ]
    started = time.monotonic()
    ran = subprocess.run(words, capture_output=True, text=True, check=False)
    took = time.monotonic() - started
    journals = list(outputs.glob("exercism/*/journal.jsonl"))
    if ran.returncode or not journals:
        raise SystemExit(f"llmbench failed:\n{(ran.stdout + ran.stderr)[-2000:]}")
    records = [json.loads(line) for line in journals[0].read_text().splitlines()]
    return Took(sum(record["outcome"] == "passed" for record in records), took)


def _theirs(
    language: str, tasks: Sequence[Task], command: str, options: argparse.Namespace, context: Context
) -> Took | None:
    """Run a command in every exercise; None where it does not even pass the first."""
    env = _environment(language, context)
    passed, took = 0, 0.0
    for number, task in enumerate([tasks[0], *tasks]):
        folder = _laid_out(task, options.path, env)
        started = time.monotonic()
        ran = subprocess.run(["sh", "-c", command], cwd=folder, env=env, capture_output=True, check=False)
        if number:
            took += time.monotonic() - started
            passed += ran.returncode == 0
        shutil.rmtree(folder)
        if ran.returncode:
            print(f"{task.id}: {(ran.stdout + ran.stderr).decode()[-300:]}", file=sys.stderr)
            if not number:
                return None
    return Took(passed, took)


def _environment(language: str, context: Context) -> dict[str, str]:
    """Return where the toolchain's libraries are, as Aider's container has them in its caches."""
    toolchain = load("toolchain", TRACKS[language].toolchain)
    asyncio.run(install_libraries(toolchain, context))
    libraries = libraries_folder(toolchain, context.cache_dir)
    home = context.work_dir / f"{language}-home"
    home.mkdir(exist_ok=True)
    own = {"LIBRARIES": str(libraries), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    if language == "go":
        own |= {"GOCACHE": str(home), "GOFLAGS": "-mod=mod", "GOPROXY": "off"}
    if language == "rust":
        config = '[source.crates-io]\nreplace-with = "vendored"\n[source.vendored]\ndirectory = "{}"\n'
        (home / "config.toml").write_text(config.format(f"{libraries}/vendor"))
        own |= {"CARGO_HOME": str(home), "CARGO_NET_OFFLINE": "true"}
    return {**os.environ, **own}


def _laid_out(task: Task, checkout: Path, env: Mapping[str, str]) -> Path:
    """Return a copy of an exercise with its reference in place, its tests woken as Aider wakes them."""
    language, slug = task.id.split("/")
    folder = Path(tempfile.mkdtemp()) / slug
    shutil.copytree(checkout / language / "exercises" / "practice" / slug, folder)
    beside = {
        path.removeprefix(REFERENCE_ONLY): content
        for path, content in task.tests.items()
        if path.startswith(REFERENCE_ONLY)
    }
    names = [str(name) for name in task.grading["tests"]]
    woken = {name: unskipped(language, (folder / name).read_bytes(), "aider") for name in names}
    for path, content in {**task.reference, **beside, **woken}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    if language == "javascript":
        (folder / "node_modules").symlink_to(f"{env['LIBRARIES']}/node_modules")
    return folder


if __name__ == "__main__":
    compare_if_asked(__file__)
    sys.exit(main())
