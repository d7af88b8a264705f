"""How far a task's samples agree, where it was asked more than once."""

from llmbench.report.words import percent
from llmbench.score.summary import Score


def agreement_text(score: Score) -> str:
    """Say how alike a task's answers and outcomes are; an empty string where nothing was repeated."""
    if score.outcomes_agree is None:
        return ""
    outcomes = f"{percent(score.outcomes_agree)} of outcomes are the same"
    if score.agreement is None:
        return outcomes
    alike = " and count as one" if score.agreement == 1 else ""
    return f"{percent(score.agreement)} of repeated answers are the same to the letter{alike}, {outcomes}"
