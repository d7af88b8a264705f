"""Run folders made of real records, written as a run writes them: for tests of what reads them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from llmbench.api import Completion, Finish, Message, Outcome, SelfTest, Timing, Usage, Verdict
from llmbench.records.journal import Journal
from llmbench.records.manifest import Manifest, Plan, Session, write_manifest
from llmbench.records.masking import Mask
from llmbench.records.monitors import FILE, MonitorEvent, MonitorFile
from llmbench.records.record import Record, SampleTiming, TryRecord, UsageTotal
from llmbench.records.samples import TryFolder, sample_folder
from llmbench.records.transcript import CompletionEvent, ErrorEvent, SubmissionEvent, Transcript, VerdictEvent

_MASK = Mask({})
_DIGEST = "d" * 64
_ANSWER = "`leap.py`\n```python\ndef is_leap(year):\n    return year % 4 == 0\n```\n"


@dataclass(frozen=True, kw_only=True)
class MadeSample:
    """A sample to be written: what became of it and what was said."""

    task: str
    outcome: Outcome = Outcome.PASSED
    sample: int = 0
    reason: str = ""
    answer: str = _ANSWER
    prompt: str = "Write a function."
    finish: Finish = Finish.STOP
    tests: tuple[int, int] = (4, 4)
    usage: UsageTotal = UsageTotal(completions=1, prompt_tokens=180, completion_tokens=60)
    earlier: tuple[Outcome, ...] = ()

    def record(self) -> Record:
        """Return the line that it leaves in the journal."""
        last = TryRecord(
            number=len(self.earlier) + 1,
            outcome=self.outcome,
            score=float(self.outcome is Outcome.PASSED),
            reason=self.reason,
            finish=str(self.finish) if self.usage.completions else "",
            answer_chars=len(self.answer),
            tests_run=self.tests[1],
            tests_passed=self.tests[0],
            tests_expected=self.tests[1],
            notes={"extraction": "named", "chosen": {"leap.py": "fence at line 1: parses, defines is_leap"}},
        )
        earlier = (replace(last, number=n, outcome=outcome) for n, outcome in enumerate(self.earlier, 1))
        return Record(
            task=self.task,
            sample=self.sample,
            outcome=self.outcome,
            score=last.score,
            tries=(*earlier, last) if self.outcome is not Outcome.SKIPPED else (),
            usage=self.usage,
            timing=SampleTiming(
                generation_s=1.5,
                grading_s=0.25,
                ttft_s=0.12,
                prefill_tokens_per_s=800.0,
                decode_tokens_per_s=42.5,
                finished_at="2026-03-01T20:00:30.000+00:00",
            ),
            reason=self.reason,
            task_digest=_DIGEST,
            models=("demo",) if self.usage.completions else (),
        )


@dataclass(frozen=True, kw_only=True)
class RunRecipe:
    """A run to be written; the defaults are those of a believable one."""

    made: Sequence[MadeSample]
    tasks: tuple[str, ...] | None = None
    samples: int = 1
    tries: int = 1
    notice: str = ""
    run_id: str = "1a2b3c4d5e"
    model: str = "tiny"
    dataset: str = "catalog"
    changed: tuple[str, ...] = ()
    """Tasks of which this run knows another version."""
    self_test: SelfTest | None = SelfTest(passed=True, checked=("python/leap",))
    overrides: tuple[str, ...] = ("model=tiny", "seed=3")
    warnings: tuple[str, ...] = ()
    ended: str = "2026-03-01T20:01:05.000+00:00"
    monitors: Sequence[MonitorEvent] = ()
    """What the monitors saw; none watched by default."""
    config: dict[str, Any] = field(
        default_factory=lambda: {"seed": 3, "model": {"reasoning": {"answer_tokens": 400}}}
    )

    def manifest(self) -> Manifest:
        """Return its manifest."""
        tasks = self.tasks or tuple(dict.fromkeys(made.task for made in self.made))
        return Manifest(
            run_id=self.run_id,
            config=self.config,
            overrides=self.overrides,
            providers={"backend": "llmbench 0.1.0", "agent": "llmbench 0.1.0"},
            names={"backend": "llamacpp", "model": self.model, "agent": "prompt", "dataset": self.dataset},
            notice=self.notice,
            plan=Plan(
                tasks=tasks,
                digests=tuple("e" * 64 if task in self.changed else _DIGEST for task in tasks),
                samples=self.samples,
                tries=self.tries,
            ),
            dataset={"sha256": "5" * 64, "source": "llmbench"},
            self_test=self.self_test,
            sessions=(
                Session(
                    started="2026-03-01T20:00:00.000+00:00",
                    ended=self.ended,
                    server={"server": "llama.cpp", "build": "b9700", "quantization": "Q4_K_M"},
                    sandbox="bubblewrap",
                    machine={"system": "Linux", "cores": 8},
                    warnings=self.warnings,
                ),
            ),
        )


def write_run(folder: Path, recipe: RunRecipe) -> Path:
    """Write a run folder as a run writes it."""
    folder.mkdir(parents=True)
    write_manifest(folder, recipe.manifest(), _MASK)
    with Journal(folder / "journal.jsonl", _MASK) as journal:
        for event in recipe.monitors:
            with MonitorFile(folder / FILE, _MASK) as file:
                file.append(event)
        for made in recipe.made:
            if made.outcome is not Outcome.SKIPPED:
                _write_sample(folder, made)
            journal.append(made.record())
    return folder


def _write_sample(folder: Path, made: MadeSample) -> None:
    sample = sample_folder(folder, made.task, made.sample)
    prompt = (Message("system", "You write Python."), Message("user", made.prompt))
    completion = Completion(
        content=made.answer, finish=made.finish, usage=Usage(completion_tokens=60), timing=Timing(wall_s=1.5)
    )
    verdict = Verdict(
        outcome=made.outcome, reason=made.reason, stdout="1 test failed\n", stderr="Traceback\n"
    )
    transcript = Transcript(sample / "transcript.jsonl", _MASK)
    if made.usage.completions:
        transcript.append(
            CompletionEvent(number=1, call=0, digest="0" * 64, messages=prompt, completion=completion)
        )
    else:
        transcript.append(ErrorEvent(number=1, call=0, kind="BackendError", message=made.reason))
    transcript.append(SubmissionEvent.of(1, {"leap.py": b"pass\n", "x.bin": b"\xff"}, (), {}))
    transcript.append(VerdictEvent(number=1, verdict=verdict))
    transcript.close()
    for number in range(1, len(made.earlier) + 2):
        texts = TryFolder(sample, number, _MASK)
        texts.answer(prompt, completion if made.usage.completions else None)
        texts.patch({"leap.py": b"pass\n"}, {"leap.py": b"return 1\n"})
        texts.verdict(verdict)


ORDINARY_RUN = RunRecipe(
    made=[
        MadeSample(task="python/leap"),
        MadeSample(
            task="python/brackets",
            outcome=Outcome.FAILED,
            reason="test_nested: AssertionError: False is not true",
            tests=(3, 4),
        ),
        MadeSample(task="python/caesar"),
        MadeSample(task="python/fizzbuzz"),
        MadeSample(
            task="python/lru_cache",
            outcome=Outcome.BUDGET_EXHAUSTED,
            reason="the answer is empty: it used all 400 tokens it was allowed",
            answer="",
            finish=Finish.LENGTH,
            tests=(0, 4),
        ),
    ]
)
