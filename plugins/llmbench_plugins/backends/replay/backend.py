"""Backend ``replay``: answers that were stored before, in a file or by an earlier run."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, Self

from llmbench.api import Backend, Completion, Context, ModelProfile, Request, option
from llmbench.errors import BackendError, UsageError
from llmbench_plugins.backends.replay.stored import Index, Key, read_stored


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayOptions:
    """Options of ``backend=replay``."""

    path: Annotated[
        str | None, option(help="a run's folder, or a file of JSON lines", from_browser="path")
    ] = None
    concurrency: Annotated[int, option(ge=1, help="answers at once", identity=False)] = 16


class Replay(Backend):
    """Gives back stored answers by task, sample and call; one that is missing is no fault of the model."""

    Options = ReplayOptions
    options: ReplayOptions
    answers_are_stored = True

    def __init__(self, options: ReplayOptions, model: ModelProfile, context: Context) -> None:
        super().__init__(options, model, context)
        self._index = Index()
        self._asked: Counter[tuple[str, int]] = Counter()

    async def __aenter__(self) -> Self:
        self._index = await asyncio.to_thread(read_stored, self._path())
        self._asked.clear()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._index = Index()

    async def complete(self, request: Request) -> Completion:
        """Give the stored answer, or raise the stored error.

        Raises:
            BackendError: nothing is stored for this task, sample and call.
        """
        key = Key(request.task, request.sample, self._call(request))
        self._asked[request.task, request.sample] = key.call + 1
        stored = self._index.answers.get(key)
        if stored is None:
            raise BackendError(
                f"nothing is stored for task '{key.task}', sample {key.sample}, call {key.call} "
                f"in {self._path()} ({len(self._index.answers)} answers)"
            )
        if isinstance(stored, BackendError):
            raise type(stored)(str(stored), raw=stored.raw)
        return stored

    async def describe(self) -> Mapping[str, Any]:
        """Return what is replayed, with its checksum."""
        return {
            "server": "replay",
            "weights": str(self._path()),
            "weights_sha256": await asyncio.to_thread(_digest, self._index.files),
            "answers": len(self._index.answers),
        }

    @property
    def capacity(self) -> int:
        """How many answers at once (``backend.concurrency``)."""
        return self.options.concurrency

    def _call(self, request: Request) -> int:
        """Return which call of its sample this is.

        After a resumed run has taken its first calls from the transcript, only the history tells.
        """
        answered = sum(message.role == "assistant" for message in request.messages)
        return max(answered, self._asked[request.task, request.sample])

    def _path(self) -> Path:
        if not self.options.path:
            raise UsageError(
                "backend.path: missing; expected the folder of an earlier run or a file of JSON lines, "
                "for instance backend.path=answers.jsonl"
            )
        return Path(self.options.path).expanduser()


def _digest(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()
