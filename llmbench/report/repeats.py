"""How far a task's samples agree, where it was asked more than once."""

from llmbench.report.words import percent
from llmbench.score.summary import Score


def agreement_text(score: Score) -> str:
    """Say how alike repeated answers and their outcomes are; an empty string where nothing was repeated."""
    parts = []
    if score.agreement is not None:
        parts.append(f"{percent(score.agreement)} of repeated answers are the same to the letter")
    if score.outcomes_agree is not None:
        parts.append(f"{percent(score.outcomes_agree)} have the same outcome")
    if score.agreement == 1:
        parts.append("so a task's samples count as one")
    return ", ".join(parts)
