"""A whole run in which a model types a Vue component: it breaks a type, is told so, mends it, and ends."""

from collections.abc import Mapping
from typing import Any

import pytest

from llmbench.api import Outcome
from llmbench.records.record import Record
from llmbench.records.transcript import ToolEvent, read_transcript
from llmbench.resources import resource_dir
from llmbench.testing.servers import Answer, StubServer

from .conftest import played

PATH = "src/components/UserBadge.vue"
TASK = "vue/simple-component"
SOLVED = (resource_dir("tasks") / TASK / "solution" / PATH).read_text(encoding="utf-8")
BROKEN = SOLVED.replace("</script>", "const broken: number = 'no number'\n</script>", 1)
SCRIPT: list[list[tuple[str, dict[str, Any]]]] = [
    [("read_file", {"path": PATH})],
    [("write_file", {"path": PATH, "content": BROKEN})],
    [("run_type_check", {})],
    [("write_file", {"path": PATH, "content": SOLVED})],
    [("run_type_check", {})],
    [("finish", {"summary": "typed"})],
]


def answer(body: Mapping[str, Any]) -> Answer | str:
    """Play the script."""
    if "tools" not in body:
        return "ready"
    return played(SCRIPT, body)


@pytest.mark.slow
def test_a_type_error_is_told_and_mended(run: Any) -> None:
    with StubServer(answer) as stub:
        result = run(
            "dataset=vue",
            "tasks=[simple-component]",
            "agent=tools",
            "agent.tools=[read,write,run_type_check,finish]",
            "backend=openai",
            f"backend.url={stub.url}",
        )
    record: Record = run.records(result)[TASK, 0]
    assert record.outcome is Outcome.PASSED, record
    assert record.tries[0].details["composite"] == 10
    events = read_transcript(result.folder / "samples" / TASK / "0/transcript.jsonl")
    steps = [event.step for event in events if isinstance(event, ToolEvent)]
    checks = [step for step in steps if step.name == "run_type_check"]
    assert [step.problem for step in checks] == ["failed", ""]
    assert f"{PATH}(" in checks[0].text
    assert "TS2322" in checks[0].text
    assert "</template>" in steps[0].text
    notes = record.tries[0].notes["tools"]
    assert (notes["malformed"], notes["failures"]) == (0, {"failed": 1})
    assert notes["corrected"] == 1
