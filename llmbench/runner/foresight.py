"""What a run is told of its future: somebody else has looked at earlier runs, which it knows nothing of."""

from typing import Protocol


class Foresight(Protocol):
    """Says what samples will take, as far as earlier ones tell."""

    def told(self, samples: int) -> str:
        """Say what so many samples will take, and on what that rests; empty where nothing is known."""
        ...

    def fitting(self, hours: float, samples: int) -> int | None:
        """Return how many of so many samples will be made within some hours; None where nothing is known."""
        ...

    def look_again(self) -> None:
        """Forget what was known, for there is more to be seen by now."""
        ...

    def error_bar(self, tasks: int) -> str:
        """Say how well a score will be known after so many tasks."""
        ...
