"""Trust rules about the answers: their form, their end, and how they were read."""

from collections import Counter
from collections.abc import Sequence

from llmbench.api import Finish, Outcome
from llmbench.records.manifest import Manifest
from llmbench.records.record import Record
from llmbench.score.suspicion import same_answers
from llmbench.score.tools import counts_of
from llmbench.score.trust.finding import ENOUGH, Finding, Level, counted, fine, found, level_of, short


def empty_answers(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Count answers without any content."""
    count = sum(any(done.is_empty for done in record.tries) for record in planned)
    advice = "an empty answer says nothing of the code: look at the chat template, or raise think_tokens"
    return counted("empty answers", count, len(_answered(planned)), advice)


def truncated_answers(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Count answers that ended because their tokens were used up."""
    count = sum(any(done.finish == Finish.LENGTH for done in record.tries) for record in planned)
    advice = "raise model.reasoning.answer_tokens or think_tokens"
    return counted("truncated answers", count, len(_answered(planned)), advice)


def unknown_finish(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Count answers that ended with a word of the server's that nobody knows."""
    words = Counter(word for record in planned for word in record.finish_words)
    if not words:
        return None
    count = sum(bool(record.finish_words) for record in planned)
    named = ", ".join(repr(word) for word, _ in words.most_common(3))
    text = f"{count} of {total} ended with a word that is not known ({named}), taken as 'stop'"
    return found("finish reasons", Level.AMBER, text, "read one: is it whole?")


def no_code_found(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Count answers with content in which no code was found."""
    count = sum(
        any(done.answer_chars and done.notes.get("extraction") == "none" for done in record.tries)
        for record in planned
    )
    advice = "read some: the model may only talk, or its chat template may not fit"
    return counted("no code found", count, len(_answered(planned)), advice) if count else None


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
    text = f"{count} of {total} hold what was asked for, and something else was taken from them"
    return found("extraction", Level.RED, text, "read some, and try another agent.extraction")


def answers_alike(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Suspect a chat template, or a server, that lets one answer stand for different tasks."""
    answered = _answered(planned)
    tasks = len({record.task for record in answered})
    same = same_answers(answered)
    if tasks < ENOUGH or len(same) <= 0.1 * tasks:
        return None
    level = Level.RED if len(same) > 0.3 * tasks else Level.AMBER
    text = f"{len(same)} of {tasks} tasks got the same answer to the letter, such as {same[0].task}"
    return found(
        "answers alike", level, text, "read it: a chat template that does not fit is the usual cause"
    )


def leaked_marks(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Count answers in which marks of a chat template stand, which the server should have taken as such."""
    marks = Counter(mark for record in planned for done in record.tries for mark in done.template_marks)
    if not marks:
        return None
    count = sum(any(done.template_marks for done in record.tries) for record in planned)
    text = f"{count} of {total} hold marks of a chat template ({', '.join(list(marks)[:3])})"
    advice = "give the server the model's own template, or stop words that are its own"
    return found("template marks", level_of(count, total), text, advice)


def asked_again(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Say how many answers had more tokens than the others."""
    count = sum(bool(record.earlier) for record in planned)
    if not count:
        return None
    factor = manifest.config.get("retry_budget")
    text = f"{count} of {total} ran out of tokens, and were asked once more with {factor} times as many"
    return fine("larger budget", text)


def ended_early(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Count what ended by a limit of time or context, or by an answer that the server could not read."""
    advice = {
        Outcome.TIMEOUT: "raise limits.wall_s, or the validator's limit where the tests ran out of time",
        Outcome.CONTEXT_OVERFLOW: "give the server more context",
        Outcome.PROTOCOL_ERROR: "a fault of model and server together: try another build or template",
    }
    ended = Counter(record.outcome for record in planned if record.outcome in advice)
    if not ended:
        return None
    told = [f"{number} {outcome}: {advice[outcome]}" for outcome, number in ended.most_common()]
    last = advice[ended.most_common()[-1][0]]
    level = level_of(ended.total(), total)
    return Finding(rule="ended early", level=level, text="; ".join(told), advice=last)


def form_of_calls(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Say how many samples gave up the server's own form of tool calls, which another build might parse."""
    tries = {record.key: counts for record in planned if (counts := counts_of(record))}
    if not tries:
        return None
    reasons = [one.fell_back for counts in tries.values() for one in counts if one.fell_back]
    fell = sum(any(one.fell_back for one in counts) for counts in tries.values())
    if not fell:
        forms = ", ".join(sorted({one.protocol for counts in tries.values() for one in counts}))
        return fine("tool calls", f"of one form: {forms}")
    text = f"{fell} of {len(tries)} samples went over to calls in plain text, the first: {short(reasons[0])}"
    advice = "compare with agent.protocol=text, or try another build or template of the server"
    return found("tool calls", Level.AMBER, text, advice)


def _answered(planned: Sequence[Record]) -> list[Record]:
    return [record for record in planned if any(done.finish for done in record.tries)]
