"""Work side by side: so many workers on one queue; the first error ends them all and comes out bare."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from llmbench.errors import LlmbenchError, RunError

T = TypeVar("T")


async def work_through(items: Iterable[T], work: Callable[[T], Awaitable[None]], workers: int) -> None:
    """Do ``work`` on each item, at most ``workers`` at once, taking them in order.

    Raises:
        LlmbenchError: the first that ``work`` raised.
        RunError: for an OSError (a full disk).
    """
    queue = iter(items)

    async def worker() -> None:
        for item in queue:
            await work(item)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(workers):
                group.create_task(worker())
    except* LlmbenchError as errors:
        raise errors.exceptions[0] from None
    except* OSError as errors:
        raise RunError(f"stopped: {errors.exceptions[0]}; what was done until then is kept") from None
