"""A run packed, read and verified by somebody else: real answers, graded in real boxes."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Sandbox
from llmbench.resources import resource_dir
from llmbench.testing.bundles import entries, repacked

RIGHT = (resource_dir("tasks") / "python/leap/solution/leap.py").read_text()
WRONG = "def is_leap(year):\n    return year % 4 == 0\n"
TRANSCRIPT = "samples/python/leap/{}/transcript.jsonl"


@pytest.fixture
def sandbox(isolating_sandbox: Sandbox) -> str:
    return f"sandbox={type(isolating_sandbox).__name__.lower()}"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the bundle is that all tests begin with: it is made once."""
    return tmp_path_factory.mktemp("kept") / "run.zip"


@pytest.fixture
def bundle(run: Any, here: Path, sandbox: str, kept: Path) -> Path:
    """A run of two samples of one task, of which the second passes; the run itself is gone."""
    if kept.exists():
        return Path(shutil.copy(kept, here / "run.zip"))
    given = [json.dumps({"task_id": "python/leap", "solution": source}) for source in (WRONG, RIGHT)]
    (here / "given.jsonl").write_text("\n".join(given))
    ran = run("grade", "--solutions", "given.jsonl", "dataset=quickstart", sandbox)
    assert ran.exit_code == 0, ran.stderr
    ran = run("export", "last", "--bundle", "run.zip")
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert ran.stdout == "2 samples in run.zip; check them: llmbench verify run.zip\n"
    shutil.rmtree(here / "outputs")
    (here / "given.jsonl").unlink()
    shutil.copy(here / "run.zip", kept)
    return here / "run.zip"


def verified(run: Any, sandbox: str, file: str | Path, *words: str) -> tuple[int, dict[str, Any]]:
    ran = run("verify", str(file), sandbox, *words, "--json")
    assert ran.stdout, ran.stderr
    return ran.exit_code, json.loads(ran.stdout)


def test_an_honest_bundle(run: Any, here: Path, bundle: Path, sandbox: str) -> None:
    code, found = verified(run, sandbox, "run.zip")
    assert (code, found["counts"], found["differs"], found["environment"]) == (0, {"agrees": 2}, [], {})
    assert (found["pass_at_1_claimed"], found["pass_at_1_here"]) == (0.5, 0.5)
    ran = run("verify", "run.zip", sandbox)
    assert ran.exit_code == 0
    assert "All 2 verdicts agree" in ran.stdout
    assert sorted(path.name for path in here.iterdir()) == ["run.zip"]


def test_every_verb_that_reads_takes_it(run: Any, here: Path, bundle: Path) -> None:
    shown = run("report", "run.zip")
    assert shown.exit_code == 0
    assert "llmbench verify run.zip" in shown.stdout
    assert "llmbench show run.zip python/leap" in shown.stdout
    assert "llmbench-bundle-" not in shown.stdout
    assert "REPORT.md" not in shown.stdout
    assert "return year % 4 == 0" in run("show", "run.zip", "leap").stdout
    assert "<html" in run("report", "run.zip", "--format", "html").stdout
    shutil.copy(bundle, here / "other.zip")
    assert json.loads(run("compare", "run.zip", "other.zip", "--json").stdout)["counts"]
    assert "Nothing that is recorded differs" in run("diff", "run.zip", "other.zip").stdout
    assert run("export", "run.zip", "--format", "csv", "--output", "-").stdout.count("python/leap") == 2
    assert run("export", "run.zip", "--bundle", "again.zip").exit_code == 0
    assert (here / "again.zip").read_bytes() == bundle.read_bytes()


def test_it_is_not_written_to(run: Any, bundle: Path) -> None:
    before = bundle.read_bytes()
    ran = run("grade", "run.zip")
    assert (ran.exit_code, ran.stderr) == (
        2,
        "llmbench: grade: run.zip is a bundle, and stays as it is; check it: llmbench verify run.zip\n",
    )
    ran = run("export", "run.zip", "--format", "csv")
    assert ran.exit_code == 2
    assert "expected --output FILE" in ran.stderr
    assert bundle.read_bytes() == before


def test_the_machine_is_not_in_it(here: Path, bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    found = b"\n".join(entries(bundle).values())
    base = tmp_path_factory.getbasetemp().parent
    for word in (str(base), str(Path.home()), str(resource_dir("tasks")), ".cache", "/here"):
        assert word.encode() not in found, word


def changed(key: str, old: str, new: str) -> Callable[[dict[str, bytes]], None]:
    def change(files: dict[str, bytes]) -> None:
        assert old.encode() in files[key]
        files[key] = files[key].replace(old.encode(), new.encode())

    return change


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (
            changed("journal.jsonl", '"failed"', '"passed"'),
            "passed is claimed, here it failed: ",
        ),
        (
            changed(TRANSCRIPT.format(1), "year % 4 == 0", "year % 5 == 0"),
            "the answer is not the one that the journal is about",
        ),
        (
            changed(TRANSCRIPT.format(1), '"text":{"leap.py":"', '"text":{"leap.py":"0/0\\n'),
            "passed is claimed, here it failed: ",
        ),
        (
            lambda files: files.pop(TRANSCRIPT.format(1)),
            "passed is claimed, and its answer is missing",
        ),
        (
            changed(
                "journal.jsonl",
                '"sample":0,"outcome":"failed","score":0.6666666666666666',
                '"sample":0,"outcome":"passed","score":1.0',
            ),
            "the record says passed (1) and of its last try failed (0.666667)",
        ),
    ],
    ids=["verdict", "answer", "submission", "no answer", "record"],
)
def test_what_was_changed_is_found(
    run: Any, here: Path, bundle: Path, sandbox: str, change: Callable[[dict[str, bytes]], None], why: str
) -> None:
    repacked(bundle, here / "changed.zip", change)
    code, found = verified(run, sandbox, "changed.zip")
    assert code == 1
    assert found["counts"] == {"agrees": 1, "differs": 1}
    [differing] = found["differs"]
    assert differing["task"] == "python/leap"
    assert differing["why"].startswith(why)


def test_differences_are_shown_with_the_way_to_them(run: Any, here: Path, bundle: Path, sandbox: str) -> None:
    def change(files: dict[str, bytes]) -> None:
        changed("journal.jsonl", '"failed"', '"passed"')(files)
        changed("manifest.json", '"llmbench": "', '"llmbench": "0.0.')(files)

    repacked(bundle, here / "changed.zip", change)
    ran = run("verify", "changed.zip", sandbox)
    assert ran.exit_code == 1
    assert "python/leap sample 0: passed is claimed, here it failed: test_" in ran.stdout
    assert "    llmbench show changed.zip python/leap\n" in ran.stdout
    assert "100.0 % claimed, 50.0 % here" in ran.stdout
    assert "Not the same: llmbench 0.0." in ran.stdout
    assert ran.stdout.endswith("1 of 2 verdicts differ\n")


def test_claims_of_trust_open_no_door(run: Any, here: Path, bundle: Path) -> None:
    """A stranger's word that the answers are known must not let them run without isolation."""

    def change(files: dict[str, bytes]) -> None:
        manifest = json.loads(files["manifest.json"])
        manifest["config"]["model"]["trusted"] = True
        manifest["config"]["agent"] = {"name": "oracle"}
        manifest["names"]["agent"] = "oracle"
        manifest["config"]["sandbox"] = {"name": "local"}
        files["manifest.json"] = json.dumps(manifest).encode()

    repacked(bundle, here / "changed.zip", change)
    ran = run("verify", "changed.zip", "sandbox=local")
    assert ran.exit_code == 2
    assert "gives no isolation" in ran.stderr


def test_other_tasks_are_refused(run: Any, here: Path, bundle: Path, sandbox: str) -> None:
    digest = json.loads(entries(bundle)["manifest.json"])["plan"]["digests"][0]
    repacked(
        bundle,
        here / "changed.zip",
        lambda files: (
            [changed(name, digest, "0" * 64)(files) for name in ("manifest.json", "journal.jsonl")] and None
        ),
    )
    ran = run("verify", "changed.zip", sandbox)
    assert ran.exit_code == 2
    assert "1 of 1 tasks are not those of the run: 'python/leap' is " in ran.stderr
    assert "and was 000000000000" in ran.stderr
    assert ran.stderr.count("\n") == 1


def with_config(section: str, **values: Any) -> Callable[[dict[str, bytes]], None]:
    def change(files: dict[str, bytes]) -> None:
        manifest = json.loads(files["manifest.json"])
        manifest["config"][section] |= values
        files["manifest.json"] = json.dumps(manifest).encode()

    return change


@pytest.mark.parametrize(
    ("section", "values", "expected"),
    [
        ("box", {"memory_mb": 10**9}, "box.memory_mb: the run's is 1000000000, here at most 1024 is allowed"),
        (
            "validator",
            {"timeout_factor": 99.0},
            "validator.timeout_factor: the run's is 99.0, here at most 1.0",
        ),
        (
            "validator",
            {"name": "nope"},
            "the run's validator 'nope' is not installed here; installed: command",
        ),
        ("box", {"memory_mb": None}, "box.memory_mb: the run's is without end, here at most 1024"),
        ("validator", {"odd": 1}, "validator.odd: unknown option"),
        ("dataset", {"name": "nope"}, "the run's dataset 'nope' is not installed here"),
        (
            "dataset",
            {"path": "[path]/mine"},
            "from a folder of its own, '[path]/mine'; name your copy of it: ",
        ),
    ],
)
def test_what_a_stranger_may_not_ask_for(
    run: Any, here: Path, bundle: Path, sandbox: str, section: str, values: dict[str, Any], expected: str
) -> None:
    repacked(bundle, here / "changed.zip", with_config(section, **values))
    ran = run("verify", "changed.zip", sandbox)
    assert ran.exit_code == 2
    assert expected in ran.stderr
    assert ran.stderr.count("\n") == 1


def test_more_is_allowed_by_word(run: Any, here: Path, bundle: Path, sandbox: str) -> None:
    repacked(bundle, here / "changed.zip", with_config("box", memory_mb=2048))
    assert verified(run, sandbox, "changed.zip", "box.memory_mb=2048")[0] == 0


def test_tasks_of_ones_own(run: Any, here: Path, sandbox: str) -> None:
    shutil.copytree(resource_dir("tasks") / "python/leap", here / "private/tasks/leap")
    words = ("agent=oracle", "model=any", f"dataset.path={here / 'private/tasks'}", sandbox)
    assert run(*words).exit_code == 0
    assert run("export", "last", "--bundle", "run.zip").exit_code == 0
    assert b"private" not in b"".join(entries(here / "run.zip").values())
    assert "from a folder of its own, '[path]/tasks'" in run("verify", "run.zip", sandbox).stderr
    shutil.move(here / "private/tasks", here / "copy")
    code, found = verified(run, sandbox, "run.zip", "dataset.path=copy")
    assert (code, found["counts"]) == (0, {"agrees": 1})


def test_what_ended_before_an_answer_is_not_checked(run: Any, here: Path, bundle: Path, sandbox: str) -> None:
    def change(files: dict[str, bytes]) -> None:
        changed("journal.jsonl", '"failed"', '"context_overflow"')(files)
        files.pop(TRANSCRIPT.format(0))

    repacked(bundle, here / "changed.zip", change)
    code, found = verified(run, sandbox, "changed.zip")
    assert (code, found["counts"]) == (0, {"agrees": 1, "unchecked": 1})
    assert found["unchecked"][0]["why"] == "context_overflow: ended before there was an answer to grade"
    changed_too = run("verify", "changed.zip", sandbox)
    assert "The verdict agrees; 1 sample not checked" in changed_too.stdout


def test_a_run_is_verified_as_it_lies_there(run: Any, here: Path, sandbox: str) -> None:
    assert run("agent=oracle", "model=any", "tasks=[leap]", sandbox).exit_code == 0
    files = {path: path.read_bytes() for path in here.rglob("*") if path.is_file()}
    assert verified(run, sandbox, "last")[0] == 0
    assert {path: path.read_bytes() for path in here.rglob("*") if path.is_file()} == files


def test_answers_of_evalplus(run: Any, here: Path, sandbox: str, evalplus_data: Path) -> None:
    where = f"dataset.path={evalplus_data / 'HumanEvalPlus.jsonl.gz'}"
    given = {"task_id": "HumanEval/2", "solution": "def truncate_number(number):\n    return number % 1.0\n"}
    Path("given.jsonl").write_text(json.dumps(given))
    assert run("grade", "--solutions", "given.jsonl", "dataset=humanevalplus", where, sandbox).exit_code == 0
    assert run("export", "last", "--bundle", "run.zip").exit_code == 0
    assert str(evalplus_data).encode() not in b"".join(entries(here / "run.zip").values())
    code, found = verified(run, sandbox, "run.zip", where)
    assert (code, found["counts"]) == (0, {"agrees": 1})
    repacked(
        here / "run.zip", here / "changed.zip", changed("journal.jsonl", '"plus":"pass"', '"plus":"fail"')
    )
    code, found = verified(run, sandbox, "changed.zip", where)
    assert code == 1
    assert (
        "with parts {'base': 'pass', 'plus': 'fail'}, here {'base': 'pass', 'plus': 'pass'}"
        in found["differs"][0]["why"]
    )


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["verify"], "verify: expected one bundle, got none"),
        (["verify", "a", "b"], "verify: expected one bundle, got a, b"),
        (["verify", "no.zip"], "there is no file no.zip; make a bundle: "),
        (["export", "last"], "export: expected either --bundle FILE or --format FORMAT"),
        (["export", "last", "--bundle", "x", "--format", "csv"], "export: expected either --bundle FILE or"),
    ],
)
def test_wrong_words(run: Any, words: list[str], expected: str) -> None:
    ran = run(*words)
    assert ran.exit_code == 2
    assert ran.stderr.startswith(f"llmbench: {expected}")
    assert ran.stderr.count("\n") == 1


def test_only_how_and_where_may_be_chosen(run: Any, here: Path, bundle: Path) -> None:
    ran = run("verify", "run.zip", "model=any")
    assert ran.exit_code == 2
    assert "'model=any' changes nothing here; allowed are sandbox=, graders=, box=, dataset=," in ran.stderr
