"""The verbs that stand on the history: leaderboard, index, rm and du."""

import json
import os
import pty
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from llmbench.records.lock import run_lock
from llmbench.records.record import UsageTotal
from llmbench.testing.runs import ORDINARY_RUN, MadeSample, RunRecipe, write_run

GOOD = [MadeSample(task=made.task) for made in ORDINARY_RUN.made]


def add(here: Path, **changes: Any) -> Path:
    recipe: RunRecipe = replace(ORDINARY_RUN, **changes)
    name = f"{recipe.dataset}/{recipe.model}-llamacpp-prompt-{recipe.run_id}"
    return write_run(here / "outputs" / name, recipe)


def noted(here: Path) -> list[tuple[str, float]]:
    with closing(sqlite3.connect(here / "outputs/history.db")) as connection:
        return connection.execute("SELECT model, pass_at_1 FROM runs ORDER BY model").fetchall()


def test_a_leaderboard_says_what_it_holds(run: Any, here: Path) -> None:
    add(here, model="tiny")
    add(here, model="small", made=GOOD, run_id="0000000001")
    add(here, model="small", run_id="0000000002", overrides=("preset=strict",))
    lines = run("leaderboard").stdout.splitlines()
    assert [line for line in lines if "digest" in line] == [
        "catalog · 5 tasks · 1 try · digest 55555555",
        "catalog · 5 tasks · 1 try · preset strict · digest 55555555",
    ]
    [table] = [
        found for found in json.loads(run("leaderboard", "--json").stdout) if found["preset"] == "none"
    ]
    assert [(one["model"], one["pass_at_1"], one["runs"]) for one in table["leaders"]] == [
        ("small", 1.0, 1),
        ("tiny", 0.6, 1),
    ]
    assert table["leaders"][1]["machine"] == "Linux 8 cores"
    assert lines[-1].startswith(
        "Each table holds the best run of each model among runs of the very same tasks"
    )


def test_a_leaderboard_shows_what_belongs_to_a_score(run: Any, here: Path) -> None:
    add(here, model="tiny", notice="[b]bold[/b]")
    _, head, rule, row, note = list(filter(str.strip, run("leaderboard").stdout.splitlines()))
    assert head.split()[:6] == ["model", "trust", "pass@1", "95", "%", "graded"]
    assert "─" in rule
    for part in (
        "tiny",
        "problem",
        "60.0 %",
        "23.1–88.2",
        "5 of 5",
        "1 min 05 s",
        "Linux 8 cores",
        "1a2b3c4d5e",
    ):
        assert part in row
    assert note == "Note: tiny: against this number: empty answers, truncated answers; [b]bold[/b]"
    text = run("leaderboard", "--format", "md").stdout
    assert text.startswith("# Leaderboard\n\n## catalog · 5 tasks · 1 try · digest 55555555\n\n| model |")
    assert "| tiny | problem | 60.0 % |" in text


@pytest.mark.parametrize("words", [["leaderboard"], ["list", "runs"], ["report"]])
def test_reading_does_not_pay_for_writing(run: Any, here: Path, words: list[str]) -> None:
    add(here, model="tiny", config={"output_root": "outputs"})
    assert run(*words).exit_code == 0
    code = "import sys; from llmbench.cli import main; main(sys.argv[1:]); print('sqlalchemy' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, timeout=60)
    assert ran.stdout.splitlines()[-1] == "False"


def test_filters_choose_what_is_compared(run: Any, here: Path) -> None:
    add(here, model="tiny")
    add(here, model="small", made=GOOD, run_id="0000000001")

    def models(*words: str) -> list[str]:
        tables = json.loads(run("leaderboard", "--json", *words).stdout)
        return [one["model"] for table in tables for one in table["leaders"]]

    assert models("--where", "model=T*") == ["tiny"]
    assert models("--where", "seed=3", "--sort", "model") == ["small", "tiny"]
    assert models("--dataset", "humanevalplus") == []
    assert models("--since", "2026-03-02") == []
    assert "none fits" in run("leaderboard", "--since", "1h").stdout
    wrong = run("leaderboard", "--where", "colour=red")
    assert (wrong.exit_code, wrong.stderr.count("\n")) == (2, 1)


def test_an_empty_folder_has_no_leaderboard(run: Any, here: Path) -> None:
    assert run("leaderboard").stdout == "no run with a score: none in outputs has one (llmbench list runs)\n"
    assert run("leaderboard", "--json").stdout == "[]\n"
    assert run("index").exit_code == 0
    assert list(here.iterdir()) == []


def test_a_run_is_noted_when_it_ends(run: Any, here: Path) -> None:
    made = run("agent=oracle", "sandbox=local", "limit=1")
    assert made.exit_code == 0, made.stderr
    [(model, _)] = noted(here)
    assert model == "demo"
    assert "history" not in made.stderr


def test_a_history_that_fails_harms_no_run(run: Any, here: Path) -> None:
    (here / "outputs/history.db").mkdir(parents=True)
    made = run("agent=oracle", "sandbox=local", "limit=1")
    assert made.exit_code == 0, made.stderr
    [line] = [line for line in made.stderr.splitlines() if "history" in line]
    assert line.startswith("llmbench: warning: ")
    assert len(json.loads(run("list", "runs", "--json").stdout)) == 1


def test_a_copied_run_strews_no_database(run: Any, here: Path) -> None:
    folder = add(here, model="tiny", config={"output_root": "outputs"})
    assert run("report", "tiny").exit_code == 0
    assert noted(here) == [("tiny", 0.6)]
    other = here / "mail/from/somebody"
    other.parent.mkdir(parents=True)
    folder.rename(other)
    assert run("report", "mail/from/somebody").exit_code == 0
    assert not list((here / "mail").rglob("history.db"))


def test_a_wrong_url_is_refused_before_a_run(run: Any, foo: Path, here: Path) -> None:
    words = ("backend=foo", "model=any", "validator=foo", "sandbox=local", "dry_run=true")
    wrong = run(*words, "history_url=mysql://host/db")
    assert (wrong.exit_code, wrong.stderr.count("\n")) == (2, 1)
    assert "history_url: expected sqlite:///FILE or postgresql+psycopg://" in wrong.stderr
    secret = run(*words, "history_url=postgresql+psycopg://me:hidden@host/db")
    assert secret.exit_code == 2
    assert "LLMBENCH_HISTORY_URL" in secret.stderr
    assert "hidden" not in secret.stderr


def test_index_reads_everything_again(run: Any, here: Path) -> None:
    add(here, model="tiny")
    broken = add(here, model="small", run_id="0000000001")
    (broken / "manifest.json").write_text("{")
    run("leaderboard")
    with closing(sqlite3.connect(here / "outputs/history.db")) as connection:
        connection.execute("UPDATE runs SET pass_at_1 = 1.0")
        connection.commit()
    first, second = run("index").stdout.splitlines()
    assert first == "2 runs, 5 samples: outputs/history.db"
    assert second.startswith(f"can't be read: outputs/catalog/{broken.name}/manifest.json")
    assert ("tiny", 0.6) in noted(here)


def test_rm_deletes_what_was_named(run: Any, here: Path) -> None:
    gone, kept = add(here, model="tiny"), add(here, model="small", run_id="0000000001")
    run("list", "runs")
    ran = run("rm", "tiny", "--yes")
    assert ran.exit_code == 0
    assert ran.stdout.startswith("deleted 1 run, freed ")
    assert (gone.exists(), kept.exists()) == (False, True)
    assert noted(here) == [("small", 0.6)]
    assert run("rm", "small", "--yes").exit_code == 0
    assert not (here / "outputs/catalog").exists()
    assert run("rm", "small", "--yes").exit_code == 2


@pytest.mark.parametrize(("answer", "is_deleted"), [("y", True), ("n", False), ("", False)])
def test_rm_asks(here: Path, answer: str, is_deleted: bool) -> None:
    folder = add(here, model="tiny")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "llmbench", "rm", "tiny"]
    with subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, text=True) as process:
        os.write(ours, f"{answer}\n".encode())
        told, _ = process.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)
    assert "outputs/catalog/tiny-llamacpp-prompt-1a2b3c4d5e" in told
    assert "Delete 1 run (" in told
    assert folder.exists() != is_deleted
    assert process.returncode == (0 if is_deleted else 1)


def test_rm_deletes_nothing_where_nobody_can_be_asked(here: Path) -> None:
    folder = add(here, model="tiny")
    command = [sys.executable, "-m", "llmbench", "rm", "tiny"]
    ran = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
    assert "--yes" in ran.stderr
    assert (folder / "manifest.json").exists()


def test_rm_refuses_runs_under_way_and_links(run: Any, here: Path) -> None:
    folder, other = add(here, model="tiny"), add(here, model="small", run_id="0000000001")
    with run_lock(folder):
        refused = run("rm", "small", "tiny", "--yes")
    assert refused.exit_code != 0
    assert "is being written by process" in refused.stderr
    assert folder.exists()
    assert other.exists()
    link = here / "outputs/catalog/link-0000000002"
    link.symlink_to(other)
    refused = run("rm", "link", "--yes")
    assert refused.exit_code == 2
    assert "is a link to" in refused.stderr
    assert other.exists()


def test_du_tells_what_runs_take(run: Any, here: Path) -> None:
    small, big = add(here, model="tiny"), add(here, model="big", run_id="0000000001")
    (big / "samples/extra.bin").write_bytes(b"x" * 3_000_000)
    (here / "outputs/note.txt").write_text("x")
    lines = run("du").stdout.splitlines()
    assert lines[0].split() == ["SIZE", "FILES", "RUN"]
    assert [line.split()[-1] for line in lines[1:4]] == [
        f"catalog/{big.name}",
        f"catalog/{small.name}",
        "(note.txt)",
    ]
    assert lines[1].startswith("3.")
    assert lines[-1].endswith("outputs: 2 runs")
    first, *_ = json.loads(run("du", "--json").stdout)
    files = sum(path.is_file() for path in big.rglob("*"))
    assert (first["files"], first["is_run"], first["bytes"] > 3_000_000) == (files, True, True)


def test_published_figures_stand_below_with_what_was_done_otherwise(run: Any, here: Path) -> None:
    ours = {"pass_at_1": 0.75, "source": "our lab", "date": "2026-05", "temperature": 0}
    for model, temperature in (("cool", 0.0), ("warm", 0.7)):
        add(
            here,
            model=model,
            run_id=model * 2,
            dataset="humanevalplus",
            config={
                "model": {"reference": {"humanevalplus": ours}},
                "sampling": {"temperature": temperature},
            },
            made=[MadeSample(task=f"HumanEval/{n}", usage=UsageTotal(completions=1)) for n in range(5)],
        )
    [table] = json.loads(run("leaderboard", "--json").stdout)
    told = {found["model"]: found["differs"] for found in table["published"]}
    assert told.keys() == {"cool", "warm"}
    assert (told["cool"], "0.7 here" in told["warm"]) == ("", True)
    text = run("leaderboard").stdout
    assert "published, not comparable: our lab (2026-05)" in text
    assert "Note: published 75.0 % of warm, not comparable: " in text
