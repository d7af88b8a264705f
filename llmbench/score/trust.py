"""Trust rules: whether the number can be believed, and why not. Pure functions of manifest and records."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from llmbench.api import Finish, Outcome
from llmbench.records.manifest import Manifest
from llmbench.records.record import Record
from llmbench.score.tools import counts_of


class Level(StrEnum):
    """How much a finding weighs."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The result of one rule."""

    rule: str
    level: Level
    text: str


_SERVED = (
    "weights_sha256",
    "digest",
    "quantization",
    "chat_template_sha256",
    "endpoint",
    "build",
)
"""What of a server's description must stay as it is for a whole run."""
_ENOUGH = 10
"""Fewer graded samples than this may well be alike by chance."""

Rule = Callable[[Manifest, Sequence[Record], int], Finding | None]


def findings(manifest: Manifest, planned: Sequence[Record], total: int) -> tuple[Finding, ...]:
    """Apply all rules; ``total`` is how many samples were planned, with a record or not."""
    found = (rule(manifest, planned, total) for rule in RULES)
    return tuple(finding for finding in found if finding is not None)


def damaged_lines(count: int) -> tuple[Finding, ...]:
    """Say that lines of the journal can't be read; nothing where all can."""
    if not count:
        return ()
    text = f"{'1 line' if count == 1 else f'{count} lines'} can't be read and not counted; "
    advice = "the run's command makes their samples again"
    return (Finding(rule="journal", level=Level.AMBER, text=text + advice),)


def set_apart(count: int) -> tuple[Finding, ...]:
    """Say that samples are stored of tasks that are no part of the run; nothing where there are none."""
    if not count:
        return ()
    stored = "1 stored sample is" if count == 1 else f"{count} stored samples are"
    text = f"{stored} of other tasks, not counted; "
    advice = "the run's command, whatever it selects, counts those that the dataset has"
    return (Finding(rule="other tasks", level=Level.AMBER, text=text + advice),)


def worst(found: Sequence[Finding]) -> Level:
    """Return the level of the weightiest finding."""
    levels = {finding.level for finding in found}
    return next((level for level in (Level.RED, Level.AMBER) if level in levels), Level.GREEN)


def grader_self_test(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding:
    """The reference passes and a broken answer fails on this machine."""
    test = manifest.self_test
    if test is None:
        return Finding(rule="grader self-test", level=Level.RED, text="was not run")
    if not test.passed:
        return Finding(rule="grader self-test", level=Level.RED, text="; ".join(test.problems))
    text = f"the reference passes and the starter fails ({', '.join(test.checked)})"
    return Finding(rule="grader self-test", level=Level.GREEN, text=text)


def graded_share(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding:
    """Say what is missing from the denominator, however it went missing."""
    graded = sum(record.outcome.graded for record in planned)
    level = Level.GREEN if graded == total else Level.AMBER if graded >= 0.9 * total else Level.RED
    return Finding(rule="graded", level=level, text=f"{graded} of {total} samples")


def whole_dataset(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Say that only some of the dataset's tasks were asked: the score is about these."""
    asked, whole = len(manifest.plan.tasks), manifest.plan.whole
    if whole is None:
        return None
    if asked == whole:
        return Finding(rule="whole dataset", level=Level.GREEN, text=f"all {whole} tasks")
    text = f"{asked} of {whole} tasks, and the score is about these alone; leave out what selects them"
    return Finding(rule="whole dataset", level=Level.AMBER, text=f"{text} (limit, tasks, filter)")


def empty_answers(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Count answers without any content."""
    count = sum(any(done.is_empty for done in record.tries) for record in planned)
    return _counted(
        "empty answers", count, len(_answered(planned)), "an empty answer says nothing of the code"
    )


def truncated_answers(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Count answers that ended because their tokens were used up."""
    count = sum(any(done.finish == Finish.LENGTH for done in record.tries) for record in planned)
    advice = "raise model.reasoning.answer_tokens or think_tokens"
    return _counted("truncated answers", count, len(_answered(planned)), advice)


def infra_errors(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding:
    """Count samples that server, sandbox or harness spoiled."""
    broken = [record for record in planned if record.outcome is Outcome.INFRA_ERROR]
    if not broken:
        return Finding(rule="infra errors", level=Level.GREEN, text="none")
    text = (
        f"{len(broken)} of {total}, not counted; the same command tries them again. First: {broken[0].reason}"
    )
    return Finding(rule="infra errors", level=_level(len(broken), total), text=text)


def unknown_finish(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Count answers that ended with a word of the server's that nobody knows."""
    words = Counter(word for record in planned for word in record.finish_words)
    if not words:
        return None
    count = sum(bool(record.finish_words) for record in planned)
    named = ", ".join(repr(word) for word, _ in words.most_common(3))
    text = f"{count} of {total} ended with a word that is not known ({named}), taken as 'stop': read one"
    return Finding(rule="finish reasons", level=Level.AMBER, text=text)


def no_code_found(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Count answers with content in which no code was found."""
    count = sum(
        any(done.answer_chars and done.notes.get("extraction") == "none" for done in record.tries)
        for record in planned
    )
    return (
        None if not count else _counted("no code found", count, len(_answered(planned)), "read some of them")
    )


def unused_code(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Count answers that define what was asked for, from which something else was taken.

    One that ran out of tokens is counted as cut off: what it began may well look like more than it holds.
    """
    count = sum(
        any(done.notes.get("unused_code") and done.finish != Finish.LENGTH for done in record.tries)
        for record in planned
    )
    if not count:
        return None
    text = f"{count} of {total} hold what was asked for, and something else was taken from them: read some"
    return Finding(rule="extraction", level=Level.RED, text=text)


def asked_again(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Say how many answers had more tokens than the others."""
    count = sum(bool(record.earlier) for record in planned)
    if not count:
        return None
    factor = manifest.config.get("retry_budget")
    text = f"{count} of {total} ran out of tokens, and were asked once more with {factor} times as many"
    return Finding(rule="larger budget", level=Level.GREEN, text=text)


def ended_early(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Count what ended by a limit of time or context, or by an answer that the server could not read."""
    advice = {
        Outcome.TIMEOUT: "raise limits.wall_s, or the validator's limit where the tests ran out of time",
        Outcome.CONTEXT_OVERFLOW: "give the server more context",
        Outcome.PROTOCOL_ERROR: "a fault of model and server together: try another build or template",
    }
    found = Counter(record.outcome for record in planned if record.outcome in advice)
    if not found:
        return None
    text = "; ".join(f"{number} {outcome}: {advice[outcome]}" for outcome, number in found.most_common())
    return Finding(rule="ended early", level=_level(found.total(), total), text=text)


def form_of_calls(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Say how many samples gave up the server's own form of tool calls, which another build might parse."""
    tries = {record.key: counts for record in planned if (counts := counts_of(record))}
    if not tries:
        return None
    reasons = [one.fell_back for counts in tries.values() for one in counts if one.fell_back]
    fell = sum(any(one.fell_back for one in counts) for counts in tries.values())
    if not fell:
        forms = ", ".join(sorted({one.protocol for counts in tries.values() for one in counts}))
        return Finding(rule="tool calls", level=Level.GREEN, text=f"of one form: {forms}")
    text = f"{fell} of {len(tries)} samples went over to calls in plain text; first: {reasons[0]}"
    return Finding(rule="tool calls", level=Level.AMBER, text=text)


def shown_tests(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Say that the model saw what it was graded by: its score is of another kind than others."""
    if not manifest.tests_shown:
        return None
    text = "the model saw the tests that it was graded by: set its score beside such runs alone"
    return Finding(rule="tests shown", level=Level.AMBER, text=text)


def tampering(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Count answers that changed files which could steer the grader."""
    count = sum(record.outcome is Outcome.TAMPERED for record in planned)
    if not count:
        return None
    return Finding(
        rule="tampering", level=Level.AMBER, text=f"{count} of {total} changed a protected file; none counts"
    )


def same_failure(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Suspect the set-up where many answers fail with the very same words."""
    graded = [record for record in planned if record.outcome.graded]
    reasons = Counter(r.reason for r in graded if r.outcome is Outcome.FAILED and r.reason)
    reason, count = max(reasons.items(), key=lambda item: item[1], default=("", 0))
    if len(graded) < _ENOUGH or count <= 0.3 * len(graded):
        return None
    text = f"{count} of {len(graded)} fail with the same words, read one: {reason}"
    return Finding(rule="same failure", level=Level.AMBER, text=text)


def warned(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Pass on what the parts of the run warned of."""
    texts = list(dict.fromkeys(text for session in manifest.sessions for text in session.warnings))
    if not texts:
        return None
    more = f" (and {len(texts) - 1} more)" if len(texts) > 1 else ""
    return Finding(rule="warnings", level=Level.AMBER, text=texts[0] + more)


def mixed_servers(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Notice when more than one model or provider answered."""
    models = sorted({name for record in planned for name in record.models})
    providers = sorted({name for record in planned for name in record.providers})
    mixed = [", ".join(names) for names in (models, providers) if len(names) > 1]
    if not mixed:
        return None
    return Finding(rule="one model", level=Level.RED, text=f"answers came from {'; '.join(mixed)}")


def changed_weights(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Notice when a resumed run met other weights, another template or another provider than before."""
    for key in _SERVED:
        seen = {str(s.server[key]) for s in manifest.sessions if s.server.get(key) is not None}
        if len(seen) > 1:
            level = Level.AMBER if key == "build" else Level.RED
            return Finding(rule="one server", level=level, text=f"{key} changed while the run was resumed")
    return None


def outside_agent(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Say what an outside agent could see and reach, and that it stayed the same."""
    ran = [session.agent for session in manifest.sessions if session.agent.get("program")]
    if not ran:
        return None
    versions = sorted({str(agent.get("version")) for agent in ran})
    open_to = [
        *(["this machine's files, where the answers may be"] if _any(ran, "isolation", "none") else []),
        *(["the network"] if _any(ran, "network", True) else []),
    ]
    what = " ".join(filter(None, (str(ran[-1]["program"]), str(ran[-1].get("version", "")))))
    own = f", with a model of its own ({ran[-1]['model']})" if ran[-1].get("model") else ""
    said = [f"could reach {' and '.join(open_to)}"] if open_to else ["in a box of its own, without a network"]
    if len(versions) > 1:
        said.append(f"its version changed while the run was resumed: {', '.join(versions)}")
    level = Level.AMBER if open_to or len(versions) > 1 else Level.GREEN
    if _any(ran, "isolation", "none"):
        level = Level.RED
    return Finding(rule="outside agent", level=level, text=f"{what}{own}: {'; '.join(said)}")


def _any(sessions: Sequence[Mapping[str, Any]], key: str, value: object) -> bool:
    return any(session.get(key) == value for session in sessions)


def twin_tasks(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Say how many tasks of a run of twins are no twins, because nothing in them can be renamed."""
    if not manifest.settings("dataset").get("twin"):
        return None
    same = [
        task
        for task, about in zip(manifest.plan.tasks, manifest.plan.about, strict=False)
        if not about.get("renamed")
    ]
    text = f"{len(manifest.plan.tasks) - len(same)} of {len(manifest.plan.tasks)} tasks have other names"
    if not same:
        return Finding(rule="twins", level=Level.GREEN, text=text)
    named = ", ".join(same[:3]) + (" …" if len(same) > 3 else "")
    level = Level.AMBER if 2 * len(same) > len(manifest.plan.tasks) else Level.GREEN
    return Finding(rule="twins", level=level, text=f"{text}; as the original asks them: {named}")


def all_alike(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Suspect a set-up in which nothing at all passes."""
    graded = [record for record in planned if record.outcome.graded]
    if len(graded) < _ENOUGH or any(record.outcome is Outcome.PASSED for record in graded):
        return None
    return Finding(rule="plausible", level=Level.RED, text="nothing passed: read a few answers first")


def known_tasks(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Pass on what the model profile warns of."""
    if not manifest.notice:
        return None
    text = "its profile carries a notice, which stands beside the score"
    return Finding(rule="model", level=Level.RED, text=text)


def unnamed_model(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Say that nobody named the model, neither on the command line nor on the server."""
    if manifest.names.get("model") != "any" or not any(record.usage.completions for record in planned):
        return None
    text = "nobody named it, and the server does not tell which one it has; say it: model.name=NAME"
    return Finding(rule="which model", level=Level.AMBER, text=text)


RULES: tuple[Rule, ...] = (
    grader_self_test,
    graded_share,
    whole_dataset,
    empty_answers,
    truncated_answers,
    infra_errors,
    unknown_finish,
    no_code_found,
    unused_code,
    asked_again,
    ended_early,
    form_of_calls,
    shown_tests,
    tampering,
    mixed_servers,
    changed_weights,
    outside_agent,
    twin_tasks,
    all_alike,
    same_failure,
    warned,
    known_tasks,
    unnamed_model,
)


def _answered(planned: Sequence[Record]) -> list[Record]:
    return [record for record in planned if any(done.finish for done in record.tries)]


def _counted(rule: str, count: int, total: int, advice: str) -> Finding | None:
    if not total:
        return None
    if not count:
        return Finding(rule=rule, level=Level.GREEN, text="none")
    return Finding(rule=rule, level=_level(count, total), text=f"{count} of {total}; {advice}")


def _level(count: int, total: int) -> Level:
    return Level.GREEN if not count else Level.AMBER if count <= 0.1 * total else Level.RED
