"""The dataset `exercism`: what is shown and hidden, and an archive that is whole or not used."""

import asyncio
import io
import json
import re
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from llmbench.api import Context, Task
from llmbench.errors import DatasetError, UsageError
from llmbench.runner.plan import select
from llmbench.runner.spec import Selection
from llmbench.testing.dataset import DatasetConformance
from llmbench_plugins.datasets.exercism.dataset import Exercism, Options
from llmbench_plugins.datasets.exercism.fetch import RELEASE, Release, content_sha256, fetch, read_archive

POLYGLOT = Path(__file__).parents[1] / "data" / "polyglot"
OURS = ("javascript", "python")


def exercises(context: Context, **options: object) -> dict[str, Task]:
    chosen = Options(**{"path": str(POLYGLOT), "languages": OURS, **options})  # type: ignore[arg-type]
    return {task.id: task for task in Exercism(chosen, context).tasks()}


class TestConformance(DatasetConformance):
    def make_dataset(self, tmp_path: Path) -> Exercism:
        context = Context(work_dir=tmp_path, cache_dir=tmp_path)
        return Exercism(Options(path=str(POLYGLOT), languages=OURS), context)


def test_ids_are_language_and_slug_and_a_slug_is_found_in_all_languages(context: Context) -> None:
    tasks = list(exercises(context).values())
    assert [task.id for task in tasks] == [
        "javascript/coin-jar",
        "javascript/line-count",
        "python/coin-jar",
        "python/word-gaps",
    ]
    chosen = select(tasks, Selection(tasks=("coin-jar",)), seed=0)
    assert [task.id for task in chosen] == ["javascript/coin-jar", "python/coin-jar"]


def test_languages_are_chosen(context: Context) -> None:
    assert {task.language for task in exercises(context, languages=("python",)).values()} == {"python"}


def test_the_prompt_is_introduction_instructions_and_appendix(context: Context) -> None:
    text = exercises(context)["python/coin-jar"].instructions
    places = [
        text.index(part) for part in ("on the shelf", "tells listeners", "exactly that text", "`coins.py`.")
    ]
    assert places == sorted(places)


def test_only_stubs_are_shown(context: Context) -> None:
    task = exercises(context)["python/coin-jar"]
    assert set(task.starter) == {"coin_jar.py", "coins.py"}
    assert task.editable == ("coin_jar.py", "coins.py")
    assert set(task.tests) == {"coin_jar_test.py", "jar_doubles.py"}
    everything = "".join([*task.starter, *task.tests])
    assert not any(name in everything for name in (".meta", ".approaches", ".docs"))


def test_a_reference_of_several_files_finds_its_places(context: Context) -> None:
    task = exercises(context)["javascript/coin-jar"]
    assert set(task.reference) == {"coin-jar.js", "coins.js"}
    assert b"class Jar" in task.reference["coin-jar.js"]
    assert b"COINS = [1" in task.reference["coins.js"]


def test_context_files_are_an_option(context: Context) -> None:
    assert "package.json" in exercises(context)["javascript/coin-jar"].starter
    assert "package.json" not in exercises(context, context_files=False)["javascript/coin-jar"].starter


def test_tests_can_be_shown_and_then_run(context: Context) -> None:
    hidden = exercises(context)["python/word-gaps"]
    shown = exercises(context, show_tests=True)["python/word-gaps"]
    assert "word_gaps_test.py" not in hidden.workspace
    assert not hidden.commands
    assert list(shown.shown_tests) == ["word_gaps_test.py"]
    assert shown.starter == hidden.starter
    assert shown.tests == hidden.tests
    assert shown.commands["run_tests"][0] == "python3"
    assert not any(shown.may_change(path) for path in ("word_gaps_test.py", ".meta/example.py"))


def test_twins_are_in_python_alone(context: Context) -> None:
    with pytest.raises(UsageError, match=r"add dataset\.languages=\[python\]"):
        exercises(context, twin=1)
    originals = exercises(context, languages=("python",))
    twins = exercises(context, languages=("python",), twin=1)
    assert list(twins) == list(originals)
    for name, twin in twins.items():
        assert twin.about["renamed"]
        assert "## How to answer" not in twin.instructions
        for old, new in twin.about["renamed"].items():
            tests = b"".join(twin.tests[path] for path in twin.grading["tests"]).decode()
            assert new in tests
            assert not re.search(rf"\b{old}\(", tests)
        assert twin.digest != originals[name].digest


@pytest.mark.parametrize(
    ("task", "path"),
    [
        ("python/coin-jar", "conftest.py"),
        ("python/coin-jar", "deep/conftest.py"),
        ("python/coin-jar", "pytest.ini"),
        ("python/coin-jar", "sitecustomize.py"),
        ("python/coin-jar", "coin_jar_test.py"),
        ("python/coin-jar", "jar_doubles.py"),
        ("python/coin-jar", "test_more.py"),
        ("javascript/coin-jar", "jest.config.js"),
        ("javascript/coin-jar", "babel.config.js"),
        ("javascript/coin-jar", "package.json"),
        ("javascript/coin-jar", "coin-jar.spec.js"),
        ("javascript/coin-jar", "more.test.js"),
        ("javascript/coin-jar", "__mocks__/fs.js"),
    ],
)
def test_what_steers_the_tests_is_protected(context: Context, task: str, path: str) -> None:
    assert exercises(context)[task].is_protected(path)


def test_no_answer_is_taken_for_an_attack(context: Context) -> None:
    for task in exercises(context).values():
        honest = (
            *task.reference,
            "README.md",
            "helpers.py",
            "helpers.js",
            "package-lock.json",
            "notes/plan.md",
        )
        assert not any(task.is_protected(path) for path in honest), task.id


@pytest.mark.parametrize(
    "part", ["coin_jar_test.py", ".meta/coins.py", ".meta/config.json", ".docs/instructions.md"]
)
def test_a_missing_part_is_named(context: Context, tmp_path: Path, part: str) -> None:
    folder = tmp_path / "python" / "exercises" / "practice" / "coin-jar"
    source = POLYGLOT / "python" / "exercises" / "practice" / "coin-jar"
    for file in (path for path in source.rglob("*") if path.is_file() and path != source / part):
        target = folder / file.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read_bytes())
    with pytest.raises(DatasetError, match=f"python/exercises/practice/coin-jar/{part}"):
        exercises(context, path=str(tmp_path))


def test_a_folder_without_exercises_is_refused(context: Context, tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match=r"dataset\.path: expected a checkout of https://github\.com/Aider-AI"
    ):
        exercises(context, path=str(tmp_path))


def packed(*, without: str = "") -> bytes:
    """Return an archive of our exercises as GitHub makes them."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for file in sorted(path for path in POLYGLOT.rglob("*") if path.is_file() and path.name != without):
            archive.add(file, f"polyglot-benchmark-abc/{file.relative_to(POLYGLOT).as_posix()}")
    return buffer.getvalue()


@pytest.fixture
def release() -> Release:
    files = (path for path in POLYGLOT.rglob("*") if path.is_file())
    ours = ((path.relative_to(POLYGLOT).as_posix(), path.read_bytes()) for path in files)
    return replace(RELEASE, sha256=content_sha256(ours))


@contextmanager
def served(content: bytes, *, status: int = 200, length: int | None = None) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content) if length is None else length))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/archive.tar.gz"
        finally:
            server.shutdown()
            thread.join()


def test_the_archive_is_fetched_once_with_progress_and_read(tmp_path: Path, release: Release) -> None:
    said: list[str] = []
    context = Context(work_dir=tmp_path, cache_dir=tmp_path, progress=said.append)
    with served(packed()) as url:
        asyncio.run(fetch(url, context, release))
    asyncio.run(fetch("http://127.0.0.1:1/nobody-is-there", context, release))
    assert any("MB" in line for line in said)
    found = read_archive(context, ["python"], release)
    assert set(found) == {("python", "coin-jar"), ("python", "word-gaps")}
    assert found["python", "word-gaps"]["word_gaps.py"].startswith(b"def gaps")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (packed(without="word_gaps.py"), "sha256 of its exercises is"),
        (packed()[:3000], "damaged or not complete"),
        (b"<html>not here</html>", "damaged or not complete"),
    ],
    ids=["another", "cut", "page"],
)
def test_another_archive_is_not_kept(
    context: Context, release: Release, content: bytes, message: str
) -> None:
    with served(content) as url, pytest.raises(DatasetError, match=message) as caught:
        asyncio.run(fetch(url, context, release))
    assert "dataset.path=FOLDER" in str(caught.value)
    assert list((context.cache_dir / "datasets").iterdir()) == []


def test_a_server_that_refuses_is_named(context: Context, release: Release) -> None:
    with served(b"", status=404) as url, pytest.raises(DatasetError, match="404"):
        asyncio.run(fetch(url, context, release))


def test_a_damaged_copy_is_named_and_replaced(context: Context, release: Release) -> None:
    file = release.cached(context)
    file.parent.mkdir(parents=True)
    file.write_bytes(packed()[:-100])
    with pytest.raises(DatasetError, match=rf"{file.name}: .*llmbench prepare dataset=exercism"):
        read_archive(context, ["python"], release)
    with served(packed()) as url:
        asyncio.run(fetch(url, context, release))
    assert read_archive(context, ["python"], release)


def test_without_a_copy_the_cure_is_named(context: Context) -> None:
    with pytest.raises(DatasetError, match="llmbench prepare dataset=exercism"):
        list(Exercism(Options(), context).tasks())


def test_an_archive_can_not_lead_out_of_its_folder(context: Context, release: Release) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("../python/exercises/practice/x/y"), io.BytesIO())
    with served(buffer.getvalue()) as url, pytest.raises(DatasetError, match="damaged or not complete"):
        asyncio.run(fetch(url, context, release))


def test_the_pinned_release_is_in_the_configuration() -> None:
    conf = Path(__file__).parents[2] / "conf" / "dataset" / "exercism.yaml"
    assert RELEASE.url in conf.read_text(encoding="utf-8")
    assert json.dumps(Options().languages) == json.dumps(sorted(Options().languages))


def test_twins_that_are_not_proven_are_refused_before_anything_is_fetched(context: Context) -> None:
    dataset = Exercism(Options(url="http://127.0.0.1:9/none", twin=1), context)
    with pytest.raises(UsageError, match="expected 0 unless Python alone is asked"):
        asyncio.run(dataset.prepare())
