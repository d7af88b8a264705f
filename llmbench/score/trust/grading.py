"""Trust rules about the grader, about what was graded, and about what came of it."""

from collections import Counter
from collections.abc import Sequence

from llmbench.api import Outcome
from llmbench.records.manifest import Manifest
from llmbench.records.record import Record
from llmbench.score.trust.finding import ENOUGH, Finding, Level, fine, found, level_of, short
from llmbench.wording import plural


def grader_self_test(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding:
    """The reference passes and a broken answer fails on this machine."""
    rule, test = "grader self-test", manifest.self_test
    if test is None:
        return found(rule, Level.RED, "was not run", "give the run's command again")
    if not test.passed:
        advice = "llmbench check tasks and llmbench doctor show more"
        return found(rule, Level.RED, "; ".join(test.problems), advice)
    return fine(rule, f"the reference passes and the starter fails ({', '.join(test.checked)})")


def graded_share(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding:
    """Say what is missing from the denominator, however it went missing."""
    graded = sum(record.outcome.graded for record in planned)
    level = Level.GREEN if graded == total else Level.AMBER if graded >= 0.9 * total else Level.RED
    return found(
        "graded", level, f"{graded} of {plural(total, 'sample')}", "the run's command again makes the others"
    )


def whole_dataset(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Say that only some of the dataset's tasks were asked: the score is about these."""
    asked, whole = len(manifest.plan.tasks), manifest.plan.whole
    if whole is None:
        return None
    if asked == whole:
        return fine("whole dataset", f"all {whole} tasks")
    text = f"{asked} of {whole} tasks, and the score is about these alone"
    return found("whole dataset", Level.AMBER, text, "leave out what selects them (limit, tasks, filter)")


def stopped_early(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Say that the last command ended early, because the answers looked as if the set-up were broken."""
    stopped = manifest.sessions[-1].stopped if manifest.sessions else ""
    if not stopped:
        return None
    advice = (
        "mend that and make the run anew (llmbench rm), or go on by the same command; "
        "stop_when_suspicious=false never stops"
    )
    return found("stopped early", Level.RED, stopped, advice)


def infra_errors(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding:
    """Count samples that server, sandbox or harness spoiled."""
    broken = [record for record in planned if record.outcome is Outcome.INFRA_ERROR]
    if not broken:
        return fine("infra errors", "none")
    text = f"{len(broken)} of {total}, not counted, the first: {short(broken[0].reason)}"
    advice = "mend that, and the same command tries them again"
    return found("infra errors", level_of(len(broken), total), text, advice)


def tampering(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Count answers that changed files which could steer the grader."""
    tampered = [record for record in planned if record.outcome is Outcome.TAMPERED]
    if not tampered:
        return None
    text = f"{len(tampered)} of {total} changed a protected file, and none counts"
    return found("tampering", Level.AMBER, text, f"read what the first did: {tampered[0].task}")


def shown_tests(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Say that the model saw what it was graded by: its score is of another kind than others."""
    if not manifest.tests_shown:
        return None
    text = "the model saw the tests that it was graded by"
    return found("tests shown", Level.AMBER, text, "set its score beside such runs alone")


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
        return fine("twins", text)
    named = ", ".join(same[:3]) + (" …" if len(same) > 3 else "")
    level = Level.AMBER if 2 * len(same) > len(manifest.plan.tasks) else Level.GREEN
    advice = "go by the gap in llmbench report RUN TWIN, which leaves those out"
    return found("twins", level, f"{text}; as the original asks them: {named}", advice)


def all_alike(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Suspect a set-up in which nothing at all passes."""
    graded = [record for record in planned if record.outcome.graded]
    if len(graded) < ENOUGH or any(record.outcome is Outcome.PASSED for record in graded):
        return None
    return found("plausible", Level.RED, "nothing passed", "read a few answers first (llmbench show)")


def same_failure(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Suspect the set-up where many answers fail with the very same words."""
    graded = [record for record in planned if record.outcome.graded]
    reasons = Counter(r.reason for r in graded if r.outcome is Outcome.FAILED and r.reason)
    reason, count = max(reasons.items(), key=lambda item: item[1], default=("", 0))
    if len(graded) < ENOUGH or count <= 0.3 * len(graded):
        return None
    text = f"{count} of {len(graded)} fail with the same words: {short(reason)}"
    return found("same failure", Level.AMBER, text, "read one: is it the model, or is something missing?")
