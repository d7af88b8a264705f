"""doctor, prepare, check and clean, with real sandboxes."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from llmbench.cli import VERBS

FOO = ("backend=foo", "model=foo", "sandbox=local")


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(run: Any, verb: str) -> None:
    ran = run(verb, "--help")
    assert ran.exit_code == 0
    assert ran.stdout.startswith(f"usage: llmbench {verb}")


def test_doctor_finds_nothing_wrong(run: Any, foo: Path, here: Path) -> None:
    ran = run("doctor", *FOO, "--json")
    assert ran.exit_code == 0, ran.stdout
    answer = json.loads(ran.stdout)
    assert answer["ok"] is True
    found = {finding["check"]: finding["detail"] for finding in answer["findings"]}
    assert "10 tasks" in found["dataset"]
    assert found["sandbox"] == "local serves python"
    assert found["backend"] == "foo: answers, 4 requests at once; foo"
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    ("overrides", "check", "expected"),
    [
        (["limit=0"], "configuration", "limit: expected an integer ≥ 1, got 0 (command line)"),
        (["model=nope"], "configuration", "no model 'nope'; available: "),
        (["dataset.path=nowhere"], "dataset", "expected a folder of tasks, got 'nowhere'"),
        (["model.trusted=false"], "sandbox", "neither the model nor the agent is marked as trusted"),
        (["backend=openai", "model=any", "backend.url=http://127.0.0.1:9"], "backend", "127.0.0.1:9"),
    ],
)
def test_doctor_says_what_is_missing(
    run: Any, foo: Path, overrides: list[str], check: str, expected: str
) -> None:
    ran = run("doctor", *FOO, *overrides, "--json")
    assert ran.exit_code == 2
    missing = {
        finding["check"]: finding["detail"]
        for finding in json.loads(ran.stdout)["findings"]
        if finding["status"] == "missing"
    }
    assert expected in missing[check]


def test_doctor_says_which_monitors_work_here(run: Any, foo: Path) -> None:
    def found(*words: str) -> list[tuple[str, str]]:
        told = json.loads(run("doctor", *FOO, "--no-server", *words, "--json").stdout)["findings"]
        return [(one["status"], one["detail"]) for one in told if one["check"] == "monitor"]

    assert ("ok", "process") in found()
    assert not any(status == "missing" for status, _ in found())
    assert found("monitors=[]") == []
    other, reason = ("nvidia", "no NVIDIA") if sys.platform == "darwin" else ("apple", "only on macOS")
    [(status, detail)] = found(f"monitors={other}")
    assert status == "missing"
    assert detail.startswith(f"{other}: {reason}")


def test_doctor_names_unset_secrets(run: Any, foo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("doctor", "backend=openai", "model=any", "--no-server", "backend.api_key_env=MY_KEY")
    assert "· secret: MY_KEY not set" in run(*words).stdout
    monkeypatch.setenv("MY_KEY", "secret-value")
    ran = run(*words)
    assert "✓ secret: MY_KEY" in ran.stdout
    assert "secret-value" not in ran.stdout


def test_doctor_ticks_nothing_that_it_did_not_check(
    run: Any, foo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent")
    monkeypatch.setenv("MY_KEY", "")
    words = ("backend=openai", "model=any", "model.name=x", "backend.api_key_env=MY_KEY", "validator=foo")
    ran = run("doctor", *words, "sandbox=docker", "dataset.path=nowhere", "--no-server")
    assert ran.exit_code == 2
    ticked = [line for line in ran.stdout.splitlines() if line.startswith("✓")]
    assert [line.partition(":")[0] for line in ticked if "monitor" not in line] == [
        "✓ llmbench",
        "✓ configuration",
    ]
    assert "· sandbox: not checked: without tasks it is not known what it must hold\n" in ran.stdout
    assert "· secret: MY_KEY not set" in ran.stdout
    assert "· backend: openai: not tried, as --no-server says\n" in ran.stdout


def test_doctor_promises_no_start_where_the_server_was_not_tried(run: Any, foo: Path) -> None:
    assert run("doctor", *FOO, "--no-server").stdout.endswith(
        "nothing is missing; the server was not tried\n"
    )
    assert run("doctor", *FOO).stdout.endswith("ready: the run can start\n")
    asking_none = run("doctor", *FOO, "agent=oracle", "--no-server").stdout
    assert "· backend: not needed: agent 'oracle' asks no model\n" in asking_none
    assert asking_none.endswith("ready: the run can start\n")


def test_prepare(run: Any, foo: Path, here: Path) -> None:
    ran = run("prepare", *FOO, "limit=3")
    assert ran.exit_code == 0, ran.stderr
    assert "dataset quickstart: 3 tasks\n" in ran.stdout
    assert "sandbox local: ready for python\n" in ran.stdout
    assert list(here.iterdir()) == []


@pytest.fixture
def tasks(foo: Path, here: Path) -> Path:
    return Path(shutil.copytree(foo / "tasks", here / "tasks"))


def checked(run: Any, *words: str) -> tuple[int, list[dict[str, Any]]]:
    ran = run("check", "tasks", *words, "validator=foo", "sandbox=local", "--json")
    return ran.exit_code, json.loads(ran.stdout)


@pytest.mark.parametrize("path", ["tasks", "tasks/greet"])
def test_check_passes_a_good_task(run: Any, tasks: Path, path: str) -> None:
    code, [found] = checked(run, path)
    assert code == 0
    assert (found["task"], found["reference"], found["starter"], found["problem"]) == (
        "greet",
        "passed",
        "failed",
        "",
    )


def test_check_finds_a_wrong_reference(run: Any, tasks: Path) -> None:
    (tasks / "greet/solution/greet.py").write_text("print('no')\n")
    code, [found] = checked(run, "tasks")
    assert code == 1
    assert found["problem"].startswith("the reference does not pass: exit code 0, or")


def test_check_finds_a_starter_that_passes(run: Any, tasks: Path) -> None:
    shutil.copy(tasks / "greet/solution/greet.py", tasks / "greet/workspace/greet.py")
    code, [found] = checked(run, "tasks")
    assert code == 1
    assert found["problem"] == "the untouched starter passes"


def test_check_shows_a_table(run: Any, tasks: Path) -> None:
    ran = run("check", "tasks", "tasks", "validator=foo", "sandbox=local")
    assert ran.exit_code == 0, ran.stderr
    assert ran.stdout.endswith("1 task, no problems\n")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["check"], "llmbench: check: expected tasks, got ''; see llmbench check --help"),
        (["check", "models"], "llmbench: check: expected tasks, got 'models'"),
        (["check", "tasks", "a", "b"], "llmbench: check tasks: expected one folder, got a, b"),
        (["check", "tasks", "nowhere"], "llmbench: dataset.path: expected a folder of tasks, got 'nowhere'"),
        (["prepare", "-m"], "llmbench: prepare: takes the overrides of one run, no flags of a run"),
        (["prepare", "nonsense"], "llmbench: 'nonsense': expected key=value; see llmbench --help"),
    ],
)
def test_a_wrong_request(run: Any, foo: Path, words: list[str], expected: str) -> None:
    ran = run(*words)
    assert ran.exit_code == 2
    assert ran.stderr.startswith(expected)
    assert ran.stderr.count("\n") == 1


def test_clean_leaves_what_is_not_ours(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    (scratch / "somebody-elses").mkdir(parents=True)
    monkeypatch.setenv("TMPDIR", str(scratch))
    ran = run("clean", "--yes", "--root", str(tmp_path / "outputs"))
    assert ran.exit_code == 0, ran.stderr
    assert ran.stdout.splitlines()[-1] == "nothing to remove"
    assert [path.name for path in scratch.iterdir()] == ["somebody-elses"]


@pytest.mark.parametrize(
    ("words", "is_told"),
    [
        ([], False),
        (["backend.api_key_env=MINE_KEY"], True),
        (["model=any", "backend.url=http://127.0.0.1:1"], True),
    ],
)
def test_a_server_of_ours_wants_no_key_that_nobody_named(run: Any, words: list[str], is_told: bool) -> None:
    ran = run("doctor", "--no-server", *words)
    assert ("secret: " in ran.stdout) is is_told, ran.stdout
