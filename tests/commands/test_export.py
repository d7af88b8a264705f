"""Tables of samples, and the Hub's file of results: names, types, and what is refused."""

import csv
import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
import yaml

from llmbench.api import Outcome
from llmbench.records.journal import Journal, read_journal
from llmbench.records.manifest import read_manifest, write_manifest
from llmbench.records.masking import Mask
from llmbench.records.record import Measured
from llmbench.report.samples_table import COLUMNS
from llmbench.testing.runs import ORDINARY_RUN, MadeSample, RunRecipe, write_run

DOCS = Path(__file__).parents[2] / "docs/reference/files.md"


@pytest.fixture
def folder(here: Path) -> Path:
    return write_run(here / "outputs/catalog/tiny-llamacpp-prompt-1a2b3c4d5e", ORDINARY_RUN)


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_row_a_sample(run: Any, folder: Path) -> None:
    ran = run("export", "last", "--format", "csv", "--output", "-")
    assert ran.exit_code == 0, ran.stderr
    rows = table(ran.stdout)
    assert [row["task"] for row in rows] == [made.task for made in ORDINARY_RUN.made]
    assert list(rows[0]) == [column.name for column in COLUMNS]
    first, failed, *_, spent = rows
    assert {
        key: first[key] for key in ("run_id", "model", "backend", "agent", "dataset", "quantization")
    } == {
        "run_id": "1a2b3c4d5e",
        "model": "tiny",
        "backend": "llamacpp",
        "agent": "prompt",
        "dataset": "catalog",
        "quantization": "Q4_K_M",
    }
    assert (first["language"], first["passed_first"], first["failure"]) == ("python", "true", "")
    assert (failed["outcome"], failed["failure"], failed["passed_first"]) == (
        "failed",
        "wrong answer",
        "false",
    )
    assert (failed["tests_passed"], failed["tests_expected"]) == ("3", "4")
    assert (spent["outcome"], spent["failure"]) == ("budget_exhausted", "ran out of tokens")
    assert (first["cost_usd"], first["energy_j"], first["generation_s"]) == ("", "", "1.5")


def test_several_runs_in_one(run: Any, folder: Path, here: Path) -> None:
    recipe = replace(ORDINARY_RUN, run_id="ffffffffff", model="other")
    write_run(here / "outputs/catalog/other-llamacpp-prompt-ffffffffff", recipe)
    ran = run("export", "1a2b3c4d5e", "ffffffffff", "--format", "csv", "--output", "all.csv")
    assert ran.exit_code == 0, ran.stderr
    assert ran.stdout == "10 samples in all.csv\n"
    assert [row["model"] for row in table((here / "all.csv").read_text())] == ["tiny"] * 5 + ["other"] * 5
    ran = run("export", "1a2b3c4d5e", "ffffffffff", "--format", "csv")
    assert (ran.exit_code, ran.stderr.count("\n")) == (2, 1)
    ran = run("export", "1a2b3c4d5e", "ffffffffff", "--bundle", "x.zip")
    assert ran.exit_code == 2
    assert "got 2 runs; expected one, or --format csv or parquet" in ran.stderr


def test_parquet_has_types_and_texts_as_they_are(run: Any, folder: Path) -> None:
    path = folder / "journal.jsonl"
    records = list(read_journal(path).values())
    path.unlink()
    seen = Measured(seconds=1.5, readings=3, energy_j=150.0)
    with Journal(path, Mask({})) as journal:
        journal.append(replace(records[0], reason="=1+1\nend", machine=seen))
        for record in records[1:]:
            journal.append(record)
    ran = run("export", "last", "--format", "parquet")
    assert (ran.exit_code, ran.stdout) == (
        0,
        f"5 samples in {folder.relative_to(Path.cwd())}/samples.parquet\n",
    )
    found = pyarrow.parquet.read_table(folder / "samples.parquet")
    kinds = {"text": "string", "integer": "int64", "number": "double", "boolean": "bool"}
    assert {field.name: str(field.type) for field in found.schema} == {
        column.name: kinds[column.kind] for column in COLUMNS
    }
    assert found.schema.metadata[b"schema"] == b"llmbench.samples/1"
    first = found.to_pylist()[0]
    assert (first["reason"], first["energy_j"], first["cost_usd"]) == ("=1+1\nend", 150.0, None)
    cell = table(run("export", "last", "--format", "csv", "--output", "-").stdout)[0]["reason"]
    assert cell == "'=1+1 end"
    assert "parquet is no text" in run("export", "last", "--format", "parquet", "--output", "-").stderr


def test_without_pyarrow(folder: Path, here: Path) -> None:
    """In a process that can't import it: what is missing, and how to get it."""
    blocked = here / "blocked"
    (blocked / "pyarrow").mkdir(parents=True)
    (blocked / "pyarrow/__init__.py").write_text("raise ImportError('not here')\n")
    ran = subprocess.run(
        [sys.executable, "-m", "llmbench", "export", "last", "--format", "parquet"],
        env={**os.environ, "PYTHONPATH": str(blocked)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2
    assert ran.stderr == (
        "llmbench: export: --format parquet needs pyarrow; install it: "
        "pip install '.[parquet]' in llmbench's folder\n"
    )
    assert not (folder / "samples.parquet").exists()


def test_samples_that_were_not_graded(run: Any, here: Path) -> None:
    made = [
        MadeSample(task="python/leap", outcome=Outcome.SKIPPED, reason="toolchain go is missing"),
        MadeSample(task="x", outcome=Outcome.INFRA_ERROR, reason="a box broke"),
    ]
    write_run(here / "outputs/catalog/a-1a2b3c4d5e", RunRecipe(made=made))
    skipped, broken = table(run("export", "last", "--format", "csv", "--output", "-").stdout)
    assert (skipped["outcome"], skipped["tries"], skipped["passed_first"], skipped["failure"]) == (
        "skipped",
        "0",
        "",
        "",
    )
    assert (broken["outcome"], broken["passed_first"], broken["language"]) == ("infra_error", "", "")


def test_every_column_is_in_the_docs() -> None:
    text = DOCS.read_text(encoding="utf-8")
    assert [column.name for column in COLUMNS if f"| `{column.name}` |" not in text] == []


def hub_run(here: Path, **plan: Any) -> Path:
    """A run of a whole dataset that is on the Hub."""
    made = [
        MadeSample(task=f"HumanEval/{n}", outcome=Outcome.FAILED if n % 4 else Outcome.PASSED)
        for n in range(8)
    ]
    folder = write_run(
        here / "outputs/humanevalplus/a-1a2b3c4d5e", RunRecipe(made=made, dataset="humanevalplus")
    )
    manifest = read_manifest(folder)
    changed = replace(manifest, plan=replace(manifest.plan, **{"whole": 8, **plan}))
    write_manifest(folder, changed, Mask({}))
    return folder


def test_the_hubs_file(run: Any, here: Path) -> None:
    folder = hub_run(here)
    words = ("--task-id", "humanevalplus", "--source-url", "https://example.org/run.zip")
    ran = run("export", "last", "--format", "huggingface", *words)
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert ran.stdout.startswith("pass@1 and its conditions in outputs/")
    [entry] = yaml.safe_load((folder / "eval_results.yaml").read_text())
    notes = entry.pop("notes")
    assert entry == {
        "dataset": {"id": "evalplus/humanevalplus", "task_id": "humanevalplus"},
        "value": 25.0,
        "date": "2026-03-01",
        "source": {"url": "https://example.org/run.zip", "name": "llmbench bundle"},
    }
    for part in (
        "pass@1 25.0 %",
        "8 tasks x 1 sample",
        "agent prompt",
        "quantization Q4_K_M",
        "run 1a2b3c4d5e",
    ):
        assert part in notes


@pytest.mark.parametrize(
    ("plan", "words", "expected"),
    [
        ({"whole": 164}, (), "it is about 8 of 164 tasks"),
        ({"whole": None}, (), "it is about 8 of unknown tasks"),
        ({"samples": 2}, (), "8 of 16 samples are graded"),
        ({}, ("--dataset-id", "nonsense"), "--dataset-id: expected OWNER/NAME, got 'nonsense'"),
        ({}, ("--source-url", "run.zip"), "--source-url: expected a URL with https://, got 'run.zip'"),
    ],
)
def test_what_does_not_stand_for_a_model(
    run: Any, here: Path, plan: dict[str, Any], words: tuple[str, ...], expected: str
) -> None:
    folder = hub_run(here, **plan)
    ran = run("export", "last", "--format", "huggingface", *words)
    assert (ran.exit_code, ran.stderr.count("\n")) == (2, 1)
    assert expected in ran.stderr
    assert not (folder / "eval_results.yaml").exists()


def test_a_dataset_that_is_not_on_the_hub(run: Any, folder: Path) -> None:
    manifest = read_manifest(folder)
    write_manifest(folder, replace(manifest, plan=replace(manifest.plan, whole=5)), Mask({}))
    ran = run("export", "last", "--format", "huggingface")
    assert "something speaks against its number: empty answers: 1 of 5" in ran.stderr
    first = replace(manifest.plan, tasks=manifest.plan.tasks[:4], digests=manifest.plan.digests[:4], whole=4)
    write_manifest(folder, replace(manifest, plan=first), Mask({}))
    ran = run("export", "last", "--format", "huggingface", "--output", "-")
    assert ran.exit_code == 2
    assert (
        "dataset 'catalog' is not known to be on the Hugging Face Hub; if it is: --dataset-id" in ran.stderr
    )
    ran = run("export", "last", "--format", "huggingface", "--output", "-", "--dataset-id", "me/mine")
    assert json.dumps(yaml.safe_load(ran.stdout)[0]["dataset"]) == '{"id": "me/mine", "task_id": "default"}'


def test_a_run_that_asked_no_model(run: Any, here: Path) -> None:
    folder = hub_run(here)
    path = folder / "journal.jsonl"
    path.write_text(path.read_text().replace('"completions":1', '"completions":0'))
    assert "no model was asked" in run("export", "last", "--format", "huggingface").stderr
