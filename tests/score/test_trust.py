"""Every trust rule: records that trigger it, and records that do not."""

import re
from dataclasses import replace
from typing import Any

import pytest

from llmbench.api import Finish, Outcome, SelfTest
from llmbench.records.manifest import Session
from llmbench.records.record import Record
from llmbench.score.trust import RULES, Finding, Level, damaged_lines, findings, worst

F = Outcome.FAILED


def found(make: Any, records: list[Record], **manifest: Any) -> dict[str, Finding]:
    total = manifest.pop("total", len(records))
    result = findings(make.manifest(tasks=max(total, 1), **manifest), records, total)
    return {finding.rule: finding for finding in result}


def many(make: Any, good: int, bad: int, **bad_one: Any) -> list[Record]:
    """Return ``good`` ordinary records, and ``bad`` others."""
    outcome = bad_one.pop("outcome", F)
    ordinary = [make.record(f"t{n}") for n in range(good)]
    return ordinary + [make.record(f"t{good + n}", outcome, **bad_one) for n in range(bad)]


def test_a_faultless_run_has_only_green_findings(make: Any) -> None:
    result = findings(make.manifest(tasks=20), many(make, 20, 0), 20)
    assert {finding.level for finding in result} == {Level.GREEN}
    assert worst(result) is Level.GREEN


@pytest.mark.parametrize(
    ("self_test", "level", "words"),
    [
        (None, Level.RED, "was not run"),
        (
            SelfTest(passed=False, checked=("a",), problems=("a: the starter passed",)),
            Level.RED,
            "starter passed",
        ),
        (SelfTest(passed=True, checked=("a", "b")), Level.GREEN, "a, b"),
    ],
)
def test_grader_self_test(make: Any, self_test: SelfTest | None, level: Level, words: str) -> None:
    finding = found(make, [make.record()], self_test=self_test)["grader self-test"]
    assert finding.level is level
    assert words in finding.text


@pytest.mark.parametrize(
    ("bad", "level"), [(0, Level.GREEN), (1, Level.AMBER), (2, Level.AMBER), (3, Level.RED), (20, Level.RED)]
)
def test_rates_up_to_a_tenth_are_amber_and_above_red(make: Any, bad: int, level: Level) -> None:
    infra = found(make, many(make, 20 - bad, bad, outcome=Outcome.INFRA_ERROR, reason="died"))
    assert infra["infra errors"].level is level
    assert infra["graded"].level is level
    empty = found(make, many(make, 20 - bad, bad, chars=0, outcome=Outcome.PROTOCOL_ERROR))
    assert empty["empty answers"].level is level
    cut = found(make, many(make, 20 - bad, bad, finish=Finish.LENGTH))
    assert cut["truncated answers"].level is level


def test_samples_never_run_and_skipped_ones_lower_the_share(make: Any) -> None:
    finding = found(make, many(make, 8, 1, outcome=Outcome.SKIPPED), total=10)["graded"]
    assert (finding.level, finding.what) == (Level.RED, "8 of 10 samples")


def test_the_first_infra_error_is_quoted(make: Any) -> None:
    records = many(make, 1, 1, outcome=Outcome.INFRA_ERROR, reason="connection refused")
    assert "connection refused" in found(make, records)["infra errors"].text


def test_an_answer_that_only_calls_tools_is_not_empty(make: Any) -> None:
    assert (
        found(make, many(make, 0, 1, chars=0, finish=Finish.TOOL_CALLS))["empty answers"].level is Level.GREEN
    )


def test_where_no_model_answered_there_is_nothing_to_say_of_answers(make: Any) -> None:
    rules = found(make, many(make, 0, 3, finish=""))
    assert not rules.keys() & {"empty answers", "truncated answers", "no code found"}


def test_no_code_found(make: Any) -> None:
    assert "no code found" not in found(make, many(make, 3, 1, notes={"extraction": "named"}))
    assert "no code found" not in found(make, many(make, 3, 1, notes={"extraction": "none"}, chars=0))
    assert found(make, many(make, 3, 1, notes={"extraction": "none"}))["no code found"].level is Level.RED


@pytest.mark.parametrize("outcome", [Outcome.TIMEOUT, Outcome.CONTEXT_OVERFLOW, Outcome.PROTOCOL_ERROR])
def test_ended_early(make: Any, outcome: Outcome) -> None:
    assert "ended early" not in found(make, many(make, 3, 3))
    finding = found(make, many(make, 19, 1, outcome=outcome))["ended early"]
    assert finding.level is Level.AMBER
    assert finding.text.startswith(f"1 {outcome}: ")


def test_tests_shown(make: Any) -> None:
    assert "tests shown" not in found(make, many(make, 3, 0))
    finding = found(make, many(make, 3, 0), dataset={"tests_shown": True})["tests shown"]
    assert (finding.level, finding.text[:23]) == (Level.AMBER, "the model saw the tests")


def test_tampering(make: Any) -> None:
    assert "tampering" not in found(make, many(make, 3, 3))
    finding = found(make, many(make, 3, 1, outcome=Outcome.TAMPERED))["tampering"]
    assert (finding.level, finding.text[:6]) == (Level.AMBER, "1 of 4")


def test_one_model(make: Any) -> None:
    assert "one model" not in found(make, many(make, 2, 2))
    finding = found(make, many(make, 2, 1, models=("n",)))["one model"]
    assert (finding.level, finding.what) == (Level.RED, "answers came from m, n")
    providers = [make.record("t0", providers=("a",)), make.record("t1", providers=("b",))]
    assert found(make, providers)["one model"].what == "answers came from a, b"


@pytest.mark.parametrize(
    ("key", "level"),
    [
        ("weights_sha256", Level.RED),
        ("digest", Level.RED),
        ("quantization", Level.RED),
        ("chat_template_sha256", Level.RED),
        ("endpoint", Level.RED),
        ("build", Level.AMBER),
    ],
)
def test_one_server(make: Any, key: str, level: Level) -> None:
    def sessions(*values: str | None) -> tuple[Session, ...]:
        return tuple(
            Session(started=f"2026-03-0{n}", server={key: value}) for n, value in enumerate(values, 1)
        )

    same = found(make, [make.record()], sessions=sessions("x", None, "x"))
    assert "one server" not in same
    assert found(make, [make.record()], sessions=sessions("x", "y"))["one server"].level is level


def test_nothing_passed(make: Any) -> None:
    assert "plausible" not in found(make, many(make, 0, 9))
    assert "plausible" not in found(make, many(make, 1, 9))
    assert "plausible" not in found(make, many(make, 0, 20, outcome=Outcome.INFRA_ERROR))
    assert found(make, many(make, 0, 10))["plausible"].level is Level.RED


def test_the_same_words(make: Any) -> None:
    assert "same failure" not in found(make, many(make, 7, 3, reason="ImportError"))
    assert "same failure" not in found(make, many(make, 0, 9, reason="ImportError"))
    different = [make.record(f"t{n}", F, reason=f"test {n}") for n in range(20)]
    assert "same failure" not in found(make, different)
    finding = found(make, many(make, 6, 4, reason="ImportError"))["same failure"]
    assert finding.level is Level.AMBER
    assert finding.what == "4 of 10 fail with the same words: ImportError"


def test_warnings(make: Any) -> None:
    def sessions(*warnings: str) -> tuple[Session, ...]:
        return (
            Session(started="2026-03-01", warnings=warnings),
            Session(started="2026-03-02", warnings=warnings),
        )

    assert "warnings" not in found(make, [make.record()], sessions=sessions())
    assert found(make, [make.record()], sessions=sessions("a"))["warnings"].what == "a"
    finding = found(make, [make.record()], sessions=sessions("a", "b"))["warnings"]
    assert (finding.level, finding.what) == (Level.AMBER, "a (and 1 more)")


def test_a_notice_is_red(make: Any) -> None:
    assert "model" not in found(make, [make.record()])
    assert found(make, [make.record()], notice="a toy")["model"].level is Level.RED


def test_rules_bear_nothing_at_all(make: Any) -> None:
    assert findings(make.manifest(), [], 1)


def test_every_rule_is_documented(pytestconfig: pytest.Config) -> None:
    text = (pytestconfig.rootpath / "docs/reference/trust.md").read_text(encoding="utf-8")
    assert [rule.__name__ for rule in RULES if f"`{rule.__name__}`" not in text] == []


def test_code_that_was_not_taken_is_a_problem(make: Any) -> None:
    records = many(make, 50, 1, notes={"extraction": "last_fence", "unused_code": True})
    finding = found(make, records)["extraction"]
    assert (finding.level, finding.text.split(" hold")[0]) == (Level.RED, "1 of 51")
    assert "extraction" not in found(make, many(make, 50, 1))
    cut = many(make, 50, 1, notes={"unused_code": True}, finish="length")
    assert "extraction" not in found(make, cut)


@pytest.mark.parametrize(
    ("agents", "level", "words"),
    [
        (
            [{"isolation": "bubblewrap", "network": False}],
            Level.GREEN,
            "in a box of its own, without a network",
        ),
        ([{"isolation": "bubblewrap", "network": True}], Level.AMBER, "could reach the network"),
        ([{"isolation": "none", "network": True}], Level.RED, "could reach this machine's files"),
        ([{"network": True, "model": "sonnet"}], Level.AMBER, r"with a model of its own \(sonnet\)"),
        (
            [{"version": "aider 1"}, {"version": "aider 2"}],
            Level.AMBER,
            "version changed .* aider 1, aider 2",
        ),
    ],
)
def test_outside_agent(make: Any, agents: list[dict[str, Any]], level: Level, words: str) -> None:
    sessions = tuple(Session(started=str(n), agent={"program": "aider", **a}) for n, a in enumerate(agents))
    finding = found(make, [make.record()], sessions=sessions)["outside agent"]
    assert finding.level is level
    assert re.search(words, finding.text), finding.text
    assert "outside agent" not in found(make, [make.record()])


def test_a_finish_reason_that_nobody_knows_is_a_caution(make: Any) -> None:
    records = [make.record("a"), replace(make.record("b"), finish_words=("finito",))]
    finding = found(make, records)["finish reasons"]
    assert finding.level is Level.AMBER
    assert "1 of 2" in finding.text
    assert "'finito'" in finding.text
    assert "finish reasons" not in found(make, records[:1])


def served(*servers: dict[str, Any]) -> tuple[Session, ...]:
    return tuple(Session(started=f"2026-03-0{n}", server=server) for n, server in enumerate(servers, 1))


def test_a_context_that_changed_is_a_caution(make: Any) -> None:
    same = served({"context": 8192}, {}, {"context": 8192})
    assert "one context" not in found(make, [make.record()], sessions=same)
    finding = found(make, [make.record()], sessions=served({"context": 8192}, {"context": 4096}))[
        "one context"
    ]
    assert (finding.level, finding.what.split(": ")[1]) == (Level.AMBER, "8192, 4096 tokens")


@pytest.mark.parametrize(
    ("servers", "asked", "expected"),
    [
        (({"temperature": 0.8}, {"temperature": 0.800000011920929}), {}, None),
        (({"temperature": 0.8}, {"temperature": 0.6}), {}, "temperature 0.8, 0.6"),
        (({"temperature": 0.8}, {"temperature": 0.6}), {"temperature": 0.0}, None),
        (({"temperature": 0.8, "top_k": 40}, {"temperature": 0.8}), {}, None),
    ],
)
def test_the_sampler_in_effect_must_stay(
    make: Any, servers: tuple[dict[str, float], ...], asked: dict[str, float], expected: str | None
) -> None:
    manifest = replace(
        make.manifest(sessions=served(*({"sampler": one} for one in servers))), config={"sampling": asked}
    )
    rules = {finding.rule: finding for finding in findings(manifest, [make.record()], 1)}
    assert ("one sampler" in rules) == (expected is not None)
    if expected:
        assert rules["one sampler"].level is Level.RED
        assert rules["one sampler"].what.endswith(expected)


@pytest.mark.parametrize(("same", "level"), [(1, None), (2, None), (3, Level.AMBER), (7, Level.RED)])
def test_one_answer_to_many_tasks(make: Any, same: int, level: Level | None) -> None:
    def answering(record: Record, digest: str) -> Record:
        return replace(record, tries=(replace(record.tries[0], answer_digest=digest),))

    records = [answering(make.record(f"t{n}"), "same" if n < same else str(n)) for n in range(20)]
    rules = found(make, records)
    assert (rules["answers alike"].level if "answers alike" in rules else None) is level
    assert "answers alike" not in found(make, records[:9]), "nine tasks may be alike by chance"


@pytest.mark.parametrize(("leaking", "level"), [(0, None), (2, Level.AMBER), (3, Level.RED)])
def test_marks_of_a_chat_template_do_not_belong_into_answers(
    make: Any, leaking: int, level: Level | None
) -> None:
    def marked(record: Record) -> Record:
        return replace(record, tries=(replace(record.tries[0], template_marks=("<|im_end|>",)),))

    records = [marked(make.record(f"t{n}")) if n < leaking else make.record(f"t{n}") for n in range(20)]
    rules = found(make, records)
    assert (rules["template marks"].level if "template marks" in rules else None) is level
    if level:
        assert rules["template marks"].what == f"{leaking} of 20 hold marks of a chat template (<|im_end|>)"


def test_a_run_that_was_stopped_says_so_until_it_goes_on(make: Any) -> None:
    stopped = Session(started="2026-03-01", stopped="10 of 10 answers are empty")
    finding = found(make, [make.record()], sessions=(stopped,), total=20)["stopped early"]
    assert (finding.level, finding.what) == (Level.RED, "10 of 10 answers are empty")
    later = (stopped, Session(started="2026-03-02"))
    assert "stopped early" not in found(make, [make.record()], sessions=later, total=20)


def troubled(make: Any) -> list[tuple[Finding, ...]]:
    """Return the findings of runs that, together, set off every rule."""
    same = (replace(make.record().tries[0], answer_digest="x", template_marks=("[INST]",)),)
    alike = [replace(make.record(f"t{n}", F, reason="x"), tries=same) for n in range(12)]
    bad = [
        make.record("a", F, chars=0, finish="length", finish_words=("finito",), models=("m",)),
        make.record("b", F, notes={"extraction": "none", "unused_code": True}, models=("n",)),
        make.record("c", Outcome.INFRA_ERROR, reason="died " * 200),
        make.record("d", Outcome.TIMEOUT, notes={"tools": {"fell_back": "no calls", "protocol": "text"}}),
        make.record("e", Outcome.TAMPERED),
    ]
    sessions = served(
        {"build": "1", "context": 1, "sampler": {"top_k": 1}},
        {"build": "2", "context": 2, "sampler": {"top_k": 2}},
    )
    agents = ({"isolation": "none"}, {"network": True}, {"version": "2"})
    sessions += tuple(
        Session(started=f"2026-04-0{n}", agent={"program": "p"} | a) for n, a in enumerate(agents, 1)
    )
    sessions += (Session(started="2026-05-01", warnings=("odd",), stopped="all empty"),)
    manifest = make.manifest(
        2, dataset={"tests_shown": True}, notice="a toy", sessions=sessions, self_test=None
    )
    plan = replace(manifest.plan, whole=9, about=({}, {}))
    manifest = replace(manifest, plan=plan, config={"dataset": {"twin": 1}})
    networked = replace(
        manifest, sessions=sessions[3:4], self_test=SelfTest(passed=False, checked=(), problems=("broken",))
    )
    updated = replace(
        manifest, sessions=(sessions[4], replace(sessions[4], agent={"program": "p", "version": "3"}))
    )
    return [
        findings(manifest, bad, 20),
        findings(manifest, alike, 12),
        findings(networked, bad, 20),
        findings(updated, bad, 20),
        findings(replace(updated, names={**updated.names, "model": "any"}), bad, 20),
        damaged_lines(2),
    ]


def test_every_finding_that_is_no_good_news_ends_with_what_to_do(make: Any) -> None:
    seen = [finding for result in troubled(make) for finding in result]
    grave = {finding.rule for finding in seen if finding.level is not Level.GREEN}
    assert len(grave) == len(RULES), "all rules but the larger budget, and the damaged journal"
    for finding in seen:
        assert bool(finding.advice) == (finding.level is not Level.GREEN), finding
        assert finding.text.endswith(finding.advice)
        assert len(finding.text) < 400, "reports show no more: the advice would be lost"


def test_good_news_needs_no_advice(make: Any) -> None:
    assert {finding.advice for finding in findings(make.manifest(tasks=20), many(make, 20, 0), 20)} == {""}
