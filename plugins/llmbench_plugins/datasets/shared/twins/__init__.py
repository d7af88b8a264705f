"""Twins: the same tasks with other names, so that answers that were learnt by heart show.

``twin_of`` finds which names of a task may be renamed, gives them new ones, always the same for a number, and
changes them in instructions, starter, tests, reference and wrong solutions alike.
"""

from collections.abc import Mapping
from typing import Any

from llmbench_plugins.datasets.shared.twins.choice import Wishes
from llmbench_plugins.datasets.shared.twins.frames import in_other_words, preface
from llmbench_plugins.datasets.shared.twins.making import RENAMED, twin_of
from llmbench_plugins.datasets.shared.twins.words import MOST

TWIN_HELP = "0: the original; 1, 2 …: the same tasks with other names"


def described(number: int) -> Mapping[str, Any]:
    """Return what a dataset says of itself in a manifest about its twins; nothing of an original."""
    return {"twin": number} if number else {}


__all__ = [
    "MOST",
    "RENAMED",
    "TWIN_HELP",
    "Wishes",
    "described",
    "in_other_words",
    "preface",
    "twin_of",
]
