"""What an OpenRouter key may still do: its credit, and the requests that free models allow."""

import asyncio
from collections import deque
from collections.abc import Callable
from time import monotonic

from llmbench.errors import PrerequisiteError
from llmbench_plugins.backends.shared.foreign import number, section

FREE_A_MINUTE = 20
_MINUTE_S = 60.0


def check_key(told: object, *, free: bool, warn: Callable[[str], None]) -> None:
    """Make sure that the key has credit left, and warn of what free models allow.

    Raises:
        PrerequisiteError: the key's own limit is used up.
    """
    data = section(told, "data")
    if not data:
        return
    left = number(data.get("limit_remaining"))
    if left is not None and left <= 0 and not free:
        resets = f", which resets {data['limit_reset']}" if data.get("limit_reset") else ""
        raise PrerequisiteError(
            f"the OpenRouter key has nothing left of its limit of ${data.get('limit')}{resets}; raise it at "
            "https://openrouter.ai/settings/keys, or use another key"
        )
    if free:
        daily = 50 if data.get("is_free_tier") else 1000
        warn(
            f"free models of OpenRouter answer {FREE_A_MINUTE} requests a minute and about {daily} a day "
            "on this account, whatever the number of keys; what is beyond is skipped, and resumed by the "
            "same command"
        )


class Pace:
    """So many requests in a window of time, and no more: the wait is shown."""

    def __init__(
        self, *, requests: int, progress: Callable[[str], None], window_s: float = _MINUTE_S
    ) -> None:
        self._requests = requests
        self._window_s = window_s
        self._progress = progress
        self._sent: deque[float] = deque()
        self._one_by_one = asyncio.Lock()

    async def turn(self) -> None:
        """Return when the next request may be sent."""
        async with self._one_by_one:
            if len(self._sent) >= self._requests:
                wait_s = self._sent.popleft() + self._window_s - monotonic()
                if wait_s > 0:
                    self._progress(
                        f"waiting {wait_s:.0f} s: free models take {self._requests} requests a minute"
                    )
                    await asyncio.sleep(wait_s)
            self._sent.append(monotonic())
