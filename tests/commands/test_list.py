import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from llmbench.testing.runs import ORDINARY_RUN, MadeSample, write_run


def rows(run: Any, *words: str) -> list[dict[str, str]]:
    ran = run("list", *words, "--json")
    assert ran.exit_code == 0, ran.stderr
    return list(json.loads(ran.stdout))


def test_plugins_have_a_distribution_and_a_version(run: Any, foo: Path) -> None:
    backends = {row["name"]: row for row in rows(run, "backend")}
    assert backends["foo"] == {
        "axis": "backend",
        "name": "foo",
        "distribution": "llmbench-foo",
        "version": "0.1.0",
        "value": "llmbench_foo.backend:Foo",
    }
    assert backends["openai"]["distribution"] == "llmbench"
    assert {row["axis"] for row in rows(run)} >= {"backend", "agent", "dataset", "validator", "sandbox"}
    assert rows(run, "backends") == rows(run, "backend")


def test_tools_say_what_they_do(run: Any, foo: Path) -> None:
    tools = {row["tool"]: row for row in rows(run, "tools")}
    assert rows(run, "tool") == list(tools.values())
    assert {"ls", "read", "edit", "apply_patch", "shell", "finish"} <= set(tools)
    assert tools["shell"]["box"] == "yes"
    assert tools["glob"] == {
        "tool": "glob",
        "aliases": "find_files",
        "kind": "read",
        "box": "no",
        "does": "Finds files by a pattern of their paths, in order of their names.",
        "from": tools["read"]["from"],
    }
    assert tools["glob"]["from"].startswith("llmbench ")
    assert tools["count_words"]["from"] == "llmbench-foo 0.1.0"
    assert tools["count_words"]["does"] == "Counts the words of a file."


def test_models_come_from_all_folders_with_their_notice(
    run: Any, foo: Path, here: Path, tmp_path: Path
) -> None:
    for folder in (here / "conf", tmp_path / "more"):
        (folder / "model").mkdir(parents=True)
        (folder / "model" / f"{folder.name}.yaml").write_text("# its comment\nname: x\n")
    models = {row["model"]: row for row in rows(run, "models", "--config-dir", str(tmp_path / "more"))}
    assert models["foo"]["from"] == "llmbench-foo 0.1.0"
    assert models["foo"]["notice"] == "answers by rules: its score means nothing"
    assert models["conf"]["description"] == "its comment"
    assert models["conf"]["from"] == "current folder"
    assert models["more"]["from"] == "--config-dir"


def test_groups_are_described(run: Any) -> None:
    assert {row["preset"] for row in rows(run, "preset")} >= {"none", "quick"}
    assert all(row["description"] for row in rows(run, "sampling"))


def test_tasks(run: Any, foo: Path) -> None:
    assert "python/leap" in {row["task"] for row in rows(run, "tasks")}
    [task] = rows(run, "tasks", str(foo / "tasks"))
    assert task == {
        "task": "greet",
        "title": "Greet",
        "difficulty": "easy",
        "language": "python",
        "toolchain": "python",
        "files": "greet.py",
    }


def test_tasks_say_what_they_are(run: Any, here: Path) -> None:
    assert run("new", "task", "first").exit_code == 0
    assert run("new", "task", "second", "--language", "go").exit_code == 0
    metadata = here / "tasks/first/metadata.json"
    metadata.write_text(metadata.read_text().replace('"tags": []', '"tags": ["sums", "limits"]'))
    first, second = rows(run, "tasks", "tasks")
    assert (first["kind"], first["minutes"], first["tags"]) == ("implement", "5", "sums, limits")
    assert (second["task"], second["language"], second["tags"]) == ("second", "go", "")
    head = run("list", "tasks", "dataset=catalog", "dataset.path=tasks").stdout.splitlines()[0]
    assert head.split() == ["TASK", "TITLE", "KIND", "DIFFICULTY", "MINUTES", "TAGS", "LANGUAGE"]


def test_runs(run: Any, foo: Path, here: Path) -> None:
    assert run("list", "runs").stdout == "no runs\n"
    (here / "outputs/catalog/a-b-c-0123456789").mkdir(parents=True)
    (here / "outputs/catalog/a-b-c-0123456789/manifest.json").write_text("{}")
    [row] = rows(run, "runs")
    assert row["run"] == "catalog/a-b-c-0123456789"
    assert row["pass_at_1"] is None  # nothing can be said of a folder that is broken


def test_runs_show_what_came_of_them(run: Any, here: Path) -> None:
    folder = write_run(here / "outputs/catalog/tiny-llamacpp-prompt-1a2b3c4d5e", ORDINARY_RUN)
    [row] = json.loads(run("list", "runs", "--json").stdout)
    assert (row["pass_at_1"], row["graded"], row["planned"]) == (0.6, 5, 5)
    assert row["decode_tokens_per_s"] == 42.5
    assert row["trust"] == "red"
    assert row["folder"] == "outputs/catalog/tiny-llamacpp-prompt-1a2b3c4d5e"
    head, line = run("list", "runs").stdout.splitlines()
    assert head.split() == ["MODEL", "DATASET", "CHANGED", "PASS@1", "TRUST", "GRADED", "TOKENS/S", "RUN"]
    assert line.split()[-8:] == ["60.0", "%", "problem", "5", "of", "5", "42.5", "1a2b3c4d5e"]
    # What is known of a run is believed only as long as its journal has not changed.
    journal = folder / "journal.jsonl"
    journal.write_text("".join(journal.read_text().splitlines(keepends=True)[:2]))
    assert run("list", "runs").stdout.splitlines()[1].split()[-5:-1] == ["2", "of", "5", "42.5"]
    journal.unlink()
    assert run("list", "runs").stdout.splitlines()[1].split()[-4:-1] == ["0", "of", "5"]


def test_runs_are_filtered_and_sorted(run: Any, here: Path) -> None:
    better = [MadeSample(task="python/leap"), MadeSample(task="python/caesar")]
    for name, made in (("tiny", ORDINARY_RUN.made), ("small", better)):
        recipe = replace(ORDINARY_RUN, model=name, made=made)
        write_run(here / f"outputs/catalog/{name}-llamacpp-prompt-1a2b3c4d5e", recipe)
    names = [row["model"] for row in json.loads(run("list", "runs", "--sort", "accuracy", "--json").stdout)]
    assert names == ["small", "tiny"]
    assert [row["model"] for row in rows(run, "runs", "model=T*")] == ["tiny"]
    assert [row["model"] for row in rows(run, "runs", "--where", "accuracy>0.9")] == ["small"]
    assert rows(run, "runs", "--dataset", "humanevalplus") == []
    refused = run("list", "models", "--where", "model=glm")
    assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)


def test_a_table_for_people(run: Any) -> None:
    lines = run("list", "agent").stdout.splitlines()
    assert lines[0].split() == ["AXIS", "NAME", "DISTRIBUTION", "VERSION", "VALUE"]
    assert any(line.startswith("agent  oracle  llmbench ") for line in lines)


def test_what_is_never_read_is_reported(run: Any, here: Path) -> None:
    (here / "conf/sampling").mkdir(parents=True)
    (here / "conf/sampling/greedy.yaml").write_text("temperature: 3\n")
    assert "greedy.yaml: hidden by conf/sampling/greedy.yaml of llmbench" in run("list").stdout


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["modles"], "llmbench: list: nothing is called 'modles'; did you mean 'models'? known: plugins,"),
        (["tasks", "nowhere"], "llmbench: dataset.path: expected a folder of tasks, got 'nowhere'"),
        (["--nope"], "llmbench: list: unrecognized arguments: --nope; see llmbench list --help"),
    ],
)
def test_a_wrong_request(run: Any, words: list[str], expected: str) -> None:
    ran = run("list", *words)
    assert ran.exit_code == 2
    assert ran.stderr.startswith(expected)


def test_published_figures(run: Any) -> None:
    figures = json.loads(run("list", "published", "dataset=exercism", "gpt-oss", "--json").stdout)
    assert {figure["dataset"] for figure in figures} == {"exercism"}
    board = next(figure for figure in figures if figure["source"]["title"] == "Aider polyglot leaderboard")
    assert board["conditions"]["edit_format"] == "diff"
    lines = run("list", "published", "Qwen2.5-Coder-32B-Instruct", "EvalPlus").stdout.splitlines()
    assert lines[0].split() == ["MODEL", "DATASET", "METRIC", "PUBLISHED", "HOW", "DATE", "SOURCE"]
    assert [line.split()[-5:-4] for line in lines[1:]] == [["%"]] * 4
    assert "  87.2 %     greedy  2024-12-26  EvalPlus leaderboard" in lines[2]
    assert run("list", "published", "no-such-model").stdout == "no published figures\n"
    assert "none" in run("list", "published", "CodeGen2-1B", "dataset=mbppplus").stdout


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("dataset=exercsm", "no figure is known for dataset 'exercsm'; did you mean 'exercism'? known: "),
        ("model=glm", "got 'model=glm', expected words or dataset=NAME"),
    ],
)
def test_published_figures_asked_for_wrongly(run: Any, word: str, expected: str) -> None:
    ran = run("list", "published", word)
    assert ran.exit_code == 2
    assert ran.stderr.startswith(f"llmbench: list published: {expected}")
