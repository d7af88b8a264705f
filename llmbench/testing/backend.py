"""BackendConformance: what every backend must do; subclass it in your tests and make a backend.

Example::

    class TestFoo(BackendConformance):
        def make_backend(self, context: Context) -> Backend:
            return Foo(FooOptions(url="http://127.0.0.1:8000"), ModelProfile(name="foo"), context)
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import psutil
import pytest

from llmbench.api import (
    Backend,
    Completion,
    Context,
    Finish,
    Message,
    Rendered,
    Renders,
    Request,
    Sampling,
)
from llmbench.errors import ContextOverflowError

T = TypeVar("T")
_LIMIT_S = 60.0
SECRET = "conformance-secret-Zq81"  # noqa: S105 - made up, and looked for in what the backend says


_SWITCHED = {
    "limits_tokens": "test_max_tokens_ends_an_answer_with_length",
    "refuses_oversize": "test_an_oversize_prompt_is_an_overflow",
    "repeats_by_seed": "test_the_same_seed_gives_the_same_answer",
    "renders": "test_a_rendered_request_holds_what_was_said",
}


class BackendConformance:
    """Tests of the contract in ``llmbench.api.Backend``. Switches say what a backend can't do."""

    limits_tokens: ClassVar[bool] = True
    """``max_tokens`` is honoured and ends an answer with ``length``."""
    refuses_oversize: ClassVar[bool] = True
    """A prompt beyond the context raises ContextOverflowError."""
    repeats_by_seed: ClassVar[bool] = True
    """The same seed gives the same answer, asked alone."""
    renders: ClassVar[bool] = False
    """It is a ``Renders``: it shows what its server makes of a request."""

    def __init_subclass__(cls, **more: Any) -> None:
        """Take out the tests that do not apply, so that none is reported as skipped."""
        super().__init_subclass__(**more)
        for switch, test in _SWITCHED.items():
            if not getattr(cls, switch):
                setattr(cls, test, None)

    def make_backend(self, context: Context) -> Backend:
        """Return a backend that has not been entered."""
        raise NotImplementedError("make_backend: return the backend to be tested")

    def request(self, text: str = "Write a function.", *, max_tokens: int = 8, seed: int = 1) -> Request:
        """Return a request; override it where the backend knows only some questions."""
        return Request(
            messages=(Message("user", text),),
            max_tokens=max_tokens,
            sampling=Sampling(temperature=0.8),
            seed=seed,
            task="conformance",
        )

    def test_a_completion_says_how_it_ended_and_what_it_used(self, tmp_path: Path) -> None:
        completion = self._with_backend(tmp_path, lambda backend: backend.complete(self.request()))
        assert isinstance(completion, Completion)
        assert completion.finish in Finish
        assert isinstance(completion.content, str)
        assert completion.timing.wall_s >= 0
        assert completion.usage.completion_tokens is None or completion.usage.completion_tokens > 0

    def test_it_serves_as_many_at_once_as_it_says(self, tmp_path: Path) -> None:
        async def ask(backend: Backend) -> list[Completion]:
            assert backend.capacity >= 1
            asked = [backend.complete(self.request()) for _ in range(backend.capacity)]
            return await asyncio.gather(*asked)

        assert all(completion.finish in Finish for completion in self._with_backend(tmp_path, ask))

    def test_it_can_be_entered_again(self, tmp_path: Path) -> None:
        async def twice() -> None:
            backend = self.make_backend(_context(tmp_path))
            for _ in range(2):
                async with backend:
                    await backend.complete(self.request())

        _run(twice())

    def test_a_cancelled_completion_leaves_it_usable(self, tmp_path: Path) -> None:
        async def cancel(backend: Backend) -> Completion:
            asked = asyncio.ensure_future(backend.complete(self.request(max_tokens=200)))
            await asyncio.sleep(0.02)
            asked.cancel()
            await asyncio.gather(asked, return_exceptions=True)
            return await backend.complete(self.request())

        assert self._with_backend(tmp_path, cancel).finish in Finish

    def test_leaving_it_ends_all_it_started(self, tmp_path: Path) -> None:
        before = set(psutil.Process().children(recursive=True))
        self._with_backend(tmp_path, lambda backend: backend.complete(self.request()))
        assert not [
            child
            for child in psutil.Process().children(recursive=True)
            if _runs(child) and child not in before
        ]

    def test_an_error_inside_ends_all_it_started(self, tmp_path: Path) -> None:
        before = set(psutil.Process().children(recursive=True))

        async def fail(backend: Backend) -> None:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            self._with_backend(tmp_path, fail)
        assert not [
            child
            for child in psutil.Process().children(recursive=True)
            if _runs(child) and child not in before
        ]

    def test_its_description_is_json_and_holds_no_secret(self, tmp_path: Path) -> None:
        described = self._with_backend(tmp_path, lambda backend: backend.describe())
        text = json.dumps(dict(described))
        assert described.get("server")
        assert SECRET not in text

    def test_max_tokens_ends_an_answer_with_length(self, tmp_path: Path) -> None:
        completion = self._with_backend(
            tmp_path, lambda backend: backend.complete(self.request(max_tokens=1))
        )
        assert completion.finish is Finish.LENGTH
        assert completion.usage.completion_tokens in (None, 1)

    def test_an_oversize_prompt_is_an_overflow(self, tmp_path: Path) -> None:
        with pytest.raises(ContextOverflowError):
            self._with_backend(
                tmp_path, lambda backend: backend.complete(self.request("word " * 20_000, max_tokens=4))
            )

    def test_the_same_seed_gives_the_same_answer(self, tmp_path: Path) -> None:
        async def ask(backend: Backend) -> list[str]:
            await backend.complete(self.request(seed=7))
            return [(await backend.complete(self.request(seed=7))).content for _ in range(2)]

        first, second = self._with_backend(tmp_path, ask)
        assert first == second

    def test_a_rendered_request_holds_what_was_said(self, tmp_path: Path) -> None:
        said = (Message("user", "First, please."), Message("assistant", "Done."), Message("user", "Again."))
        request = replace(self.request(), messages=said)

        async def render(backend: Backend) -> list[Rendered | None]:
            assert isinstance(backend, Renders), "renders: True, and it has no rendered()"
            rendered = [await backend.rendered(request) for _ in range(2)]
            await backend.complete(self.request())
            return rendered

        first, second = self._with_backend(tmp_path, render)
        assert first is not None
        assert first == second
        places = [first.text.find(message.content) for message in said]
        assert -1 not in places
        assert places == sorted(places)

    def _with_backend(self, tmp_path: Path, use: Callable[[Backend], Awaitable[T]]) -> T:
        async def enter() -> T:
            async with self.make_backend(_context(tmp_path)) as backend:
                return await use(backend)

        return _run(enter())


def _run(work: Awaitable[T]) -> T:
    async def bounded() -> T:
        return await asyncio.wait_for(work, _LIMIT_S)

    return asyncio.run(bounded())


def _context(tmp_path: Path) -> Context:
    work, cache = tmp_path / "work", tmp_path / "cache"
    work.mkdir(exist_ok=True)
    cache.mkdir(exist_ok=True)
    return Context(work_dir=work, cache_dir=cache, label="conformance", secrets={"OPENAI_API_KEY": SECRET})


def _runs(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
