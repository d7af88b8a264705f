"""What is wrong with a request, in one line; pages show it as a page, the API as JSON."""

from dataclasses import dataclass
from typing import Any

from llmbench.errors import LlmbenchError


class NotFound(LlmbenchError):
    """There is no such thing: status 404."""


class Refused(LlmbenchError):
    """Not allowed from a browser: status 403."""


class Conflict(LlmbenchError):
    """The run is not in a state for that: status 409."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a request, in one line."""

    error: str


FAULTS: dict[int | str, dict[str, Any]] = {
    400: {"model": Fault, "description": "it can't be done as it was asked"},
    404: {"model": Fault, "description": "there is no such thing"},
    414: {"description": "the address is too long"},
    422: {"model": Fault, "description": "a parameter is out of its bounds"},
}
"""What the OpenAPI document says of every operation."""
CHANGES: dict[int | str, dict[str, Any]] = {
    403: {"model": Fault, "description": "a browser may not do that"},
    409: {"model": Fault, "description": "the run, or the queue, is not in a state for that"},
}
"""What it says besides of operations that change something."""
