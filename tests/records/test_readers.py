"""journal.jsonl as it lies there, read by what people analyse with: the how-to's snippets."""

from dataclasses import replace
from pathlib import Path

import duckdb
import pandas
import polars
import pytest

from llmbench.api import Outcome
from llmbench.records.journal import Journal, read_journal
from llmbench.records.masking import Mask
from llmbench.records.record import Measured, Record, SampleTiming, UsageTotal
from llmbench.testing.runs import MadeSample, RunRecipe, write_run


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """300 lines: 150 of samples that asked nothing, then as many that did, and one sample graded again."""
    folder = tmp_path_factory.mktemp("readers")
    silent = [MadeSample(task=f"python/t{n}", outcome=Outcome.FAILED, usage=UsageTotal()) for n in range(150)]
    asked = [MadeSample(task=f"go/t{n}", earlier=(Outcome.FAILED,)) for n in range(150)]
    path = write_run(folder / "run", RunRecipe(made=[*silent, *asked], tries=2)) / "journal.jsonl"
    records = [
        varied(record) if record.usage.completions else bare(record) for record in read_journal(path).values()
    ]
    path.unlink()
    with Journal(path, Mask({})) as file:
        for record in [*records, replace(records[0], outcome=Outcome.PASSED, score=1.0, regraded=True)]:
            file.append(record)
    return path


def bare(record: Record) -> Record:
    """What a sample leaves of which no server told anything."""
    return replace(record, timing=SampleTiming(), tries=(replace(record.tries[0], notes={}),), models=())


def varied(record: Record) -> Record:
    """What a sample leaves of which all is known."""
    used = UsageTotal(completions=1, prompt_tokens=9, completion_tokens=4, reasoning_tokens=0, cost_usd=0.25)
    last = replace(record.tries[-1], details={"parts": {"base": "pass"}}, notes={"tools": {"calls": 3}})
    seen = Measured(seconds=1.5, readings=3, mean={"gpu.0.power_w": 99.5}, energy_j=150.0)
    return replace(
        record,
        usage=used,
        tries=(*record.tries[:-1], last),
        machine=seen,
        mended={"think": 1},
        providers=("x",),
    )


def test_pandas(journal: Path) -> None:
    data = pandas.read_json(journal, lines=True).drop_duplicates(["task", "sample"], keep="last")
    passed = data.assign(language=data.task.str.split("/").str[0]).groupby("language").score.mean()
    assert passed["go"] == 1.0
    assert passed["python"] == pytest.approx(1 / 150)
    assert pandas.json_normalize(data.usage.tolist()).prompt_tokens.sum() == 150 * 9


def test_polars(journal: Path) -> None:
    data = polars.read_ndjson(journal, infer_schema_length=None)
    data = data.unique(["task", "sample"], keep="last", maintain_order=True)
    assert data.height == 300
    assert data["outcome"].value_counts(sort=True).rows() == [("passed", 151), ("failed", 149)]
    assert data.unnest("usage")["prompt_tokens"].sum() == 150 * 9
    assert data["machine"].struct.field("energy_j").sum() == 150 * 150.0
    assert (
        data.select(polars.col("tries").list.last().struct.field("outcome"))["outcome"]
        .is_in(["passed", "failed"])
        .all()
    )


def test_duckdb(journal: Path) -> None:
    lines = f"SELECT *, row_number() OVER () AS line FROM read_json('{journal}', sample_size = -1)"  # noqa: S608
    last = "row_number() OVER (PARTITION BY task, sample ORDER BY line DESC) = 1"
    found = duckdb.sql(
        f"WITH lines AS ({lines}), samples AS (SELECT * FROM lines QUALIFY {last}) "  # noqa: S608
        "SELECT outcome, count(*), sum(usage.prompt_tokens), sum(timing.generation_s) "
        "FROM samples GROUP BY outcome ORDER BY outcome"
    ).fetchall()
    assert found == [("failed", 149, None, 0.0), ("passed", 151, 150 * 9, 150 * 1.5)]


def test_numbers_are_written_as_what_they_are(journal: Path) -> None:
    """A reader takes a type from the first lines: seconds that begin with a whole 0 would be counts."""
    first = journal.read_text().splitlines()[0]
    assert '"generation_s":0.0,' in first
    assert '"score":0.0,' in first
