"""Records and manifests, made short."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from llmbench.api import Finish, Outcome, SelfTest
from llmbench.records.manifest import Manifest, Plan, Session
from llmbench.records.record import Record, SampleTiming, TryRecord, UsageTotal

DIGEST = "d"


@dataclass(frozen=True)
class Makers:
    """What tests of the score are made of."""

    record: Callable[..., Record]
    manifest: Callable[..., Manifest]


@pytest.fixture
def make() -> Makers:
    return Makers(_record, _manifest)


def _record(
    task: str = "t0",
    *outcomes: Outcome,
    sample: int = 0,
    finish: str = Finish.STOP,
    chars: int = 100,
    notes: Mapping[str, Any] | None = None,
    usage: UsageTotal | None = None,
    **more: Any,
) -> Record:
    tries = tuple(
        TryRecord(
            number=number,
            outcome=outcome,
            finish=finish,
            answer_chars=chars,
            notes=dict(notes or {}),
            reason=more.get("reason", ""),
        )
        for number, outcome in enumerate(outcomes or (Outcome.PASSED,), start=1)
    )
    last = tries[-1].outcome
    known = usage or UsageTotal(completions=1, prompt_tokens=10, completion_tokens=5)
    defaults: dict[str, Any] = {"timing": SampleTiming(), "models": ("m",), "task_digest": DIGEST} | more
    return Record(
        task=task,
        sample=sample,
        outcome=last,
        score=float(last is Outcome.PASSED),
        tries=tries if last is not Outcome.SKIPPED else (),
        usage=known,
        **defaults,
    )


def _manifest(tasks: int = 1, **changes: Any) -> Manifest:
    names = tuple(f"t{number}" for number in range(tasks))
    plan = Plan(
        tasks=names,
        digests=(DIGEST,) * tasks,
        samples=changes.pop("samples", 1),
        tries=changes.pop("tries", 1),
    )
    defaults: dict[str, Any] = {
        "dataset": {},
        "self_test": SelfTest(passed=True, checked=("t0",)),
        "sessions": (
            Session(started="2026-03-01T20:00:00.000+00:00", ended="2026-03-01T20:01:00.000+00:00"),
        ),
    }
    return Manifest(
        run_id="1a2b3c4d5e",
        config={},
        providers={},
        names={"model": "m"},
        plan=plan,
        **(defaults | changes),
    )
