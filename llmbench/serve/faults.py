"""What is wrong with a request, in one line; pages show it as a page, the API as JSON."""

from llmbench.errors import LlmbenchError


class NotFound(LlmbenchError):
    """There is no such thing: status 404."""


class Refused(LlmbenchError):
    """Not allowed from a browser: status 403."""


class Conflict(LlmbenchError):
    """The run is not in a state for that: status 409."""
