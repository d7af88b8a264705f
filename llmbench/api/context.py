"""What the core hands to every plugin it makes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from llmbench.api.completion import PROBE, Request


def _ignore(message: str) -> None:
    """Say nothing."""


def _ignore_pieces(pieces: int) -> None:
    """Count nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The surroundings of a plugin: folders, secrets, and a way to speak to the person.

    A plugin writes only below ``work_dir`` and ``cache_dir``, prints nothing, and reads secrets only here.
    """

    work_dir: Path
    """For logs and sockets of this run; exists when the plugin is entered, and may be a temporary folder."""
    cache_dir: Path
    """Shared by all runs of the user: downloads, checksums."""
    label: str = "none"
    """Names the run; every container, cgroup or process group that a plugin makes bears it."""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The environment and ``.env``, the environment winning. Values are masked in everything written."""
    warn: Callable[[str], None] = _ignore
    """Show a line that the person must see; it is kept in the manifest too."""
    probe: Request = PROBE
    """For backends: a small question with all the settings of those that will follow."""
    progress: Callable[[str], None] = _ignore
    """Show what is being waited for (``loading weights``, ``waiting for rate limit 43 s``).

    What stands before a colon says what it is about: the rest may change often (``fetching x: 3 of 20 MB``).
    """
    arrived: Callable[[int], None] = _ignore_pieces
    """For backends: count pieces of an answer as they come, about a token each, so that it is seen to grow.

    To be called in the task that waits in ``complete``.
    """
