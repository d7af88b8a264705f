"""Whole runs: outcomes, files, resuming, budgets."""

import json
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Outcome, Task
from llmbench.errors import RunError, RunLockedError, UsageError
from llmbench.records.lock import run_lock
from llmbench.records.manifest import read_manifest
from llmbench.testing.servers import Answer, StubServer

Answering = Callable[[Mapping[str, Any]], Answer | str]
WRONG = "`leap.py`\n```python\ndef is_leap_year(year):\n    return None\n```"


def about(body: Mapping[str, Any]) -> str:
    return "\n".join(message["content"] for message in body["messages"])


def questions(stub: StubServer) -> list[Mapping[str, Any]]:
    """The requests that ask a task, without the backend's readiness check."""
    return [body for body in stub.requests if "workspace holds" in about(body)]


def test_right_answers_pass_and_leave_their_traces(run: Any, solver: Answering) -> None:
    with StubServer(solver) as stub:
        result = run("backend=openai", f"backend.url={stub.url}", "tasks=[leap,caesar]")
    records = run.records(result)
    assert {key: record.outcome for key, record in records.items()} == {
        ("python/caesar", 0): Outcome.PASSED,
        ("python/leap", 0): Outcome.PASSED,
    }
    assert (result.planned, result.made, result.exit_code) == (2, 2, 0)
    folder = result.folder / "samples/python/leap/0"
    assert "leap" in (folder / "try-1/prompt.md").read_text()
    assert "```python" in (folder / "try-1/response.md").read_text()
    assert (folder / "try-1/patch.diff").read_text().startswith("--- a/leap.py")
    assert json.loads((folder / "try-1/verdict.json").read_text())["outcome"] == "passed"
    events = [json.loads(line)["event"] for line in (folder / "transcript.jsonl").read_text().splitlines()]
    assert events == ["completion", "submission", "verdict"]
    record = records["python/leap", 0]
    assert record.usage.completion_tokens
    assert record.timing.ttft_s is not None
    assert record.timing.ttft_s <= record.timing.generation_s
    manifest = read_manifest(result.folder)
    assert manifest.self_test is not None
    assert manifest.self_test.passed
    assert manifest.sessions[0].ended
    assert manifest.plan.tasks == ("python/caesar", "python/leap")


def test_no_test_and_no_reference_is_ever_sent(run: Any, catalog: Mapping[str, Task]) -> None:
    with StubServer(WRONG) as stub:
        run("backend=openai", f"backend.url={stub.url}", "tries=2")
    sent = "\n".join(about(body) for body in stub.requests)
    for task in catalog.values():
        for content in (*task.tests.values(), *task.reference.values()):
            assert content.decode().strip() not in sent


def test_the_same_command_again_asks_nothing(run: Any, solver: Answering) -> None:
    with StubServer(solver) as stub:
        words = ("backend=openai", f"backend.url={stub.url}", "limit=3")
        first = run(*words)
        asked = len(stub.requests)
        second = run(*words)
        assert len(stub.requests) == asked
    assert (first.folder, first.made, second.made) == (second.folder, 3, 0)


def test_a_larger_limit_keeps_what_a_smaller_one_did(run: Any, solver: Answering) -> None:
    with StubServer(solver) as stub:
        words = ("backend=openai", f"backend.url={stub.url}")
        small = run(*words, "limit=3")
        large = run(*words, "limit=5")
    assert small.folder == large.folder
    assert large.made == 2
    assert len(run.records(large)) == 5


def test_a_second_try_gets_feedback_and_may_pass(run: Any, solver: Answering) -> None:
    def answer(body: Mapping[str, Any]) -> Answer | str:
        return solver(body) if "The tests failed" in about(body) else WRONG

    with StubServer(answer) as stub:
        result = run("backend=openai", f"backend.url={stub.url}", "tasks=[leap]", "tries=3")
    (record,) = run.records(result).values()
    assert [done.outcome for done in record.tries] == [Outcome.FAILED, Outcome.PASSED]
    assert record.outcome is Outcome.PASSED
    assert record.usage.completions == 2
    second = questions(stub)[-1]["messages"]
    assert [message["role"] for message in second][-2:] == ["assistant", "user"]
    assert "AssertionError" in second[-1]["content"] or "Error" in second[-1]["content"]
    assert (result.folder / "samples/python/leap/0/try-2/verdict.json").exists()


def test_samples_get_seeds_of_their_own(run: Any, solver: Answering) -> None:
    with StubServer(solver) as stub:
        result = run("backend=openai", f"backend.url={stub.url}", "tasks=[leap]", "samples=3", "seed=7")
    assert {key[1] for key in run.records(result)} == {0, 1, 2}
    seeds = [body["seed"] for body in questions(stub)]
    assert len(set(seeds)) == 3
    assert 7 in seeds


def test_without_a_seed_none_is_sent(run: Any, solver: Answering) -> None:
    with StubServer(solver) as stub:
        run("backend=openai", f"backend.url={stub.url}", "tasks=[leap]", "seed=null", "limit=1")
    assert all("seed" not in body for body in stub.requests)


def test_the_probe_holds_what_the_questions_hold(run: Any, solver: Answering) -> None:
    with StubServer(solver) as stub:
        run("backend=openai", f"backend.url={stub.url}", "tasks=[leap]", "sampling=greedy", "agent=tools")
    probe, *asked = stub.requests
    assert probe["max_tokens"] == 1
    assert probe.keys() == asked[0].keys()
    for key in ("temperature", "top_p", "seed", "tool_choice"):
        assert probe[key] == asked[0][key]
    assert [m["role"] for m in probe["messages"]] == [m["role"] for m in asked[0]["messages"]]


OUTCOMES: dict[str, tuple[Answer | str, Outcome, str]] = {
    "wrong": (WRONG, Outcome.FAILED, ""),
    "no code": ("I would rather not.", Outcome.FAILED, "changes none of the files"),
    "empty, out of tokens": (Answer(content="", finish="length"), Outcome.BUDGET_EXHAUSTED, "empty"),
    "thinking ate it all": (
        Answer(content="", reasoning="hm " * 50, finish="length"),
        Outcome.BUDGET_EXHAUSTED,
        "empty",
    ),
    "cut off": (
        Answer(content="`leap.py`\n```python\ndef is_le", finish="length"),
        Outcome.BUDGET_EXHAUSTED,
        "cut off",
    ),
    "empty for no reason": (Answer(content=""), Outcome.PROTOCOL_ERROR, "empty answer"),
    "a broken stream": (Answer(content="one two three four", break_after=2), Outcome.PROTOCOL_ERROR, ""),
    "too long a prompt": (
        Answer(
            status=400,
            error={"code": 400, "type": "exceed_context_size_error", "message": "too long", "n_ctx": 9},
        ),
        Outcome.CONTEXT_OVERFLOW,
        "",
    ),
}


@pytest.mark.parametrize("name", OUTCOMES)
def test_what_happened_has_a_type(name: str, run: Any) -> None:
    answer, outcome, reason = OUTCOMES[name]

    def reply(body: Mapping[str, Any]) -> Answer | str:
        return answer if "workspace holds" in about(body) else "ready"

    with StubServer(reply) as stub:
        result = run("backend=openai", f"backend.url={stub.url}", "tasks=[leap]", "backend.retries=0")
    (record,) = run.records(result).values()
    assert record.outcome is outcome, record
    assert reason in record.reason
    assert record.score < 1.0


def test_a_broken_server_is_no_failure_of_the_model(run: Any, solver: Answering) -> None:
    def broken(body: Mapping[str, Any]) -> Answer | str:
        return (
            Answer(status=500, error={"message": "out of memory"})
            if "leap.py" in about(body)
            else solver(body)
        )

    with StubServer(broken) as stub:
        words = ("backend=openai", f"backend.url={stub.url}", "tasks=[leap,caesar]", "backend.retries=0")
        result = run(*words)
        records = run.records(result)
        assert records["python/leap", 0].outcome is Outcome.INFRA_ERROR
        assert records["python/caesar", 0].outcome is Outcome.PASSED
        assert result.exit_code == 1
    with StubServer(solver) as healthy:
        again = run(*(word.replace(stub.url, healthy.url) for word in words))
    assert len(questions(healthy)) <= 2
    assert again.exit_code == 0


def test_a_dead_server_stops_the_run(run: Any, tmp_path: Path) -> None:
    def broken(body: Mapping[str, Any]) -> Answer | str:
        down = Answer(status=500, error={"message": "gone"})
        return down if "workspace holds" in about(body) else "ready"

    with StubServer(broken) as stub, pytest.raises(RunError, match="10 samples in a row"):
        run("backend=openai", f"backend.url={stub.url}", "samples=4", "backend.retries=0")
    assert len(questions(stub)) < 40


def test_a_spent_budget_skips_the_rest(run: Any, solver: Answering) -> None:
    with StubServer(solver) as stub:
        words = ("backend=openai", f"backend.url={stub.url}", "in_flight=1")
        result = run(*words, "budget.tokens=1")
        outcomes = [record.outcome for record in run.records(result).values()]
        assert outcomes.count(Outcome.PASSED) == 1
        assert outcomes.count(Outcome.SKIPPED) == 9
        assert result.exit_code == 0
        resumed = run(*words)
    assert resumed.folder == result.folder
    assert {record.outcome for record in run.records(resumed).values()} == {Outcome.PASSED}
    assert len(questions(stub)) == 10


def test_a_slow_model_times_out_as_such(run: Any) -> None:
    def slow(body: Mapping[str, Any]) -> Answer | str:
        return Answer(content="x", delay_s=5) if "workspace holds" in about(body) else "ready"

    with StubServer(slow) as stub:
        result = run("backend=openai", f"backend.url={stub.url}", "tasks=[leap]", "limits.wall_s=0.3")
    (record,) = run.records(result).values()
    assert record.outcome is Outcome.TIMEOUT
    assert "limits.wall_s" in record.reason


def test_a_samples_tokens_are_limited(run: Any) -> None:
    with StubServer(WRONG) as stub:
        result = run(
            "backend=openai", f"backend.url={stub.url}", "tasks=[leap]", "tries=5", "limits.tokens=15"
        )
    (record,) = run.records(result).values()
    assert record.outcome is Outcome.BUDGET_EXHAUSTED
    assert len(record.tries) < 5
    assert all(body["max_tokens"] <= 15 for body in questions(stub))


def test_secrets_are_masked_in_everything_written(
    run: Any, solver: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = 'sk-abc"def\\123456'
    monkeypatch.setenv("OPENAI_API_KEY", value)

    def leaking(body: Mapping[str, Any]) -> Answer | str:
        return f"your key is {value}\n{solver(body)}"

    with StubServer(leaking, api_key=value) as stub:
        result = run("backend=openai", f"backend.url={stub.url}", "tasks=[leap]")
    (record,) = run.records(result).values()
    assert record.outcome is Outcome.PASSED
    for path in result.folder.rglob("*"):
        if path.is_file():
            text = path.read_text(errors="replace")
            assert value not in text, path
            assert json.dumps(value)[1:-1] not in text, path
    assert "[secret]" in (result.folder / "samples/python/leap/0/try-1/response.md").read_text()


def test_two_processes_can_not_write_one_run(run: Any, solver: Answering) -> None:
    with StubServer(solver) as stub:
        words = ("backend=openai", f"backend.url={stub.url}", "tasks=[leap]")
        folder = run(*words).folder
        (folder / "journal.jsonl").unlink()
        with run_lock(folder), pytest.raises(RunLockedError, match=r"process \d+ on .* since"):
            run(*words)


def test_concurrency_is_the_backends(run: Any, solver: Answering) -> None:
    def slow(body: Mapping[str, Any]) -> Answer | str:
        return Answer(content=str(solver(body)), delay_s=0.05)

    with StubServer(slow) as stub:
        run("backend=openai", f"backend.url={stub.url}", "backend.concurrency=3", "samples=2")
    assert stub.most_in_flight == 3


def test_generation_and_grading_overlap(run: Any, solver: Answering) -> None:
    """While one sample is graded others are asked: the last question comes before the first verdict's end."""
    seen = threading.Event()

    def answer(body: Mapping[str, Any]) -> Answer | str:
        if len(questions(stub)) > 1:
            seen.set()
        return solver(body)

    with StubServer(answer) as stub:
        run("backend=openai", f"backend.url={stub.url}", "backend.concurrency=1", "graders=1", "limit=4")
    assert seen.is_set()


def test_oracle_passes_all_and_nop_none(run: Any) -> None:
    oracle, nop = run("agent=oracle"), run("agent=nop")
    assert {r.outcome for r in run.records(oracle).values()} == {Outcome.PASSED}
    assert {r.outcome for r in run.records(nop).values()} == {Outcome.FAILED}
    assert len(run.records(oracle)) == len(run.records(nop)) == 10
    assert read_manifest(oracle.folder).sessions[0].server == {}


def test_an_unknown_task_is_a_wrong_request_and_leaves_nothing(run: Any) -> None:
    with pytest.raises(UsageError, match=r"there is no task 'lepa'; did you mean 'leap'\?"):
        run("agent=nop", "tasks=[lepa]")
    assert not run.root.exists()


def test_a_server_out_of_reach_leaves_nothing(run: Any) -> None:
    from llmbench.errors import LlmbenchError

    with pytest.raises(LlmbenchError):
        run("backend=openai", "backend.url=http://127.0.0.1:9/v1", "backend.retries=0", "tasks=[leap]")
    assert not run.root.exists()


def test_a_dry_run_prints_the_prompts_and_asks_nothing(run: Any) -> None:
    with StubServer("x") as stub:
        result = run("backend=openai", f"backend.url={stub.url}", "limit=2", "dry_run=true")
        assert stub.requests == []
    shown = run.screen.getvalue()
    assert "You are an expert programmer" in shown
    assert "2 tasks × 1 sample: " in shown
    assert "Nothing was asked" in shown
    assert not result.folder.exists()
    assert not run.root.exists()


def test_a_changed_task_is_asked_again(run: Any, tmp_path: Path, solver: Answering) -> None:
    import shutil

    from llmbench.resources import resource_dir

    tasks = tmp_path / "mine"
    shutil.copytree(resource_dir("tasks") / "python/leap", tasks / "leap")
    with StubServer(solver) as stub:
        words = ("backend=openai", f"backend.url={stub.url}", f"dataset.path={tasks}")
        first = run(*words)
        with (tasks / "leap/instructions.md").open("a") as file:
            file.write("\nMind the centuries.\n")
        second = run(*words)
    assert (first.made, second.made) == (1, 1)
    assert "Mind the centuries." in about(questions(stub)[-1])


def out_of_room(catalog: Mapping[str, Task], enough: int) -> Answering:
    """Answer `leap` only where there is room for so many tokens; all other tasks at once."""

    def answer(body: Mapping[str, Any]) -> Answer | str:
        task = next((t for t in catalog.values() if t.instructions.strip() in about(body)), None)
        if task is None:
            return "ready"
        if task.id == "python/leap" and body["max_tokens"] < enough:
            return Answer(content="", finish="length")
        (path, content), *_ = task.reference.items()
        return f"`{path}`\n```python\n{content.decode()}```"

    return answer


def test_what_ran_out_of_tokens_is_asked_once_more_with_more(run: Any, catalog: Mapping[str, Task]) -> None:
    words = ("tasks=[leap,caesar]", "model.reasoning.answer_tokens=1000", "retry_budget=4")
    with StubServer(out_of_room(catalog, 4000)) as stub:
        result = run("backend=openai", f"backend.url={stub.url}", *words)
        asked = [(body["max_tokens"], "leap" in about(body)) for body in questions(stub)]
        assert sorted(asked) == [(1000, False), (1000, True), (4000, True)]
        record = run.records(result)["python/leap", 0]
        assert (record.outcome, record.tries[0].number) == (Outcome.PASSED, 2)
        assert [(done.number, done.outcome) for done in record.earlier] == [(1, Outcome.BUDGET_EXHAUSTED)]
        assert record.usage.completions == 2
        assert not run.records(result)["python/caesar", 0].earlier
        again = run("backend=openai", f"backend.url={stub.url}", *words)
        assert (again.folder, again.made) == (result.folder, 0)
        assert len(questions(stub)) == 3
    folder = result.folder / "samples/python/leap/0"
    assert json.loads((folder / "try-1/verdict.json").read_text())["outcome"] == "budget_exhausted"
    assert json.loads((folder / "try-2/verdict.json").read_text())["outcome"] == "passed"


def test_a_larger_budget_is_given_once_and_not_by_itself(run: Any, catalog: Mapping[str, Task]) -> None:
    words = ("tasks=[leap]", "model.reasoning.answer_tokens=1000")
    with StubServer(out_of_room(catalog, 100_000)) as stub:
        result = run("backend=openai", f"backend.url={stub.url}", *words)
        assert len(questions(stub)) == 1
        more = run("backend=openai", f"backend.url={stub.url}", *words, "retry_budget=2", "tries=2")
        run("backend=openai", f"backend.url={stub.url}", *words, "retry_budget=2", "tries=2")
    assert more.folder != result.folder
    record = run.records(more)["python/leap", 0]
    assert record.outcome is Outcome.BUDGET_EXHAUSTED
    assert [done.number for done in (*record.earlier, *record.tries)] == [1, 2, 3, 4]
    limits = [body["max_tokens"] for body in questions(stub)[1:]]
    assert limits == [1000, 1000, 2000, 2000]


def test_an_interrupted_larger_budget_is_resumed(run: Any, catalog: Mapping[str, Task]) -> None:
    words = ("tasks=[leap]", "model.reasoning.answer_tokens=1000", "retry_budget=4")
    with StubServer(out_of_room(catalog, 4000)) as stub:
        result = run("backend=openai", f"backend.url={stub.url}", *words)
        journal = result.folder / "journal.jsonl"
        first, second, *_ = journal.read_text().splitlines(keepends=True)
        assert "earlier" in second
        journal.write_text(first + second[:100])  # as a kill leaves it: answered, and not in the journal
        resumed = run("backend=openai", f"backend.url={stub.url}", *words)
        assert len(questions(stub)) == 2
    assert run.records(resumed)["python/leap", 0].outcome is Outcome.PASSED
