"""A server that several runs share: entered once, left once, and never beside another."""

from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Context, Message, ModelProfile, NoOptions, Reasoning, Request, Sampling
from llmbench.errors import BackendError
from llmbench.runner.spec import Part, RunSpec
from llmbench.runner.warm import WarmServer, keeping_warm, warm_server
from llmbench.testing.scripted import ScriptedBackend

HI = Request(messages=(Message("user", "Hi"),), max_tokens=9)


class _Made:
    """Makes backends and keeps them."""

    def __init__(self, reply: Any = "ok") -> None:
        self.reply = reply
        self.backends: list[ScriptedBackend] = []
        self.contexts: list[Context] = []

    def __call__(self, context: Context) -> ScriptedBackend:
        assert all(backend.left for backend in self.backends), "two at once"
        self.backends.append(ScriptedBackend(lambda request: self.reply, context=context))
        self.contexts.append(context)
        return self.backends[-1]

    @property
    def counts(self) -> list[tuple[int, int]]:
        return [(backend.entered, backend.left) for backend in self.backends]


def _spec(folder: Path, **model: Any) -> RunSpec:
    part = Part(name="x", options=NoOptions())
    return RunSpec(
        backend=part,
        agent=part,
        dataset=part,
        validator=part,
        sandbox=(part,),
        model=ModelProfile(**{"name": "m", **model}),
        folder=folder,
        run_id="id",
    )


def _context(folder: Path, said: list[str]) -> Context:
    return Context(work_dir=folder, cache_dir=folder, warn=said.append, progress=said.append)


def test_cells_that_differ_in_the_sampler_share_a_server(tmp_path: Path) -> None:
    made, said, later = _Made(), list[str](), list[str]()
    with keeping_warm(tmp_path / "servers"):
        warm = warm_server()
        assert warm is not None
        spec = _spec(tmp_path, sampling=Sampling(temperature=0.5))
        first = warm.run(warm.lend(_spec(tmp_path), _context(tmp_path, said), made))
        made.contexts[0].warn("weights are on a slow disk")
        second = warm.run(warm.lend(spec, _context(tmp_path, later), made))
        made.contexts[0].progress("waiting 9 s")
        assert first is second
        assert warm.run(second.complete(HI)).content == "ok"
        assert made.counts == [(1, 0)]
    assert made.counts == [(1, 1)]
    assert warm_server() is None
    assert said == ["weights are on a slow disk"]
    assert later == ["the server is warm", "weights are on a slow disk", "waiting 9 s"]
    assert made.contexts[0].work_dir == tmp_path / "servers/01"


def test_another_model_or_way_of_thinking_gets_a_server_of_its_own(tmp_path: Path) -> None:
    made = _Made()
    with keeping_warm(tmp_path):
        warm = warm_server()
        assert warm is not None
        for model in ({}, {"name": "other"}, {"name": "other", "reasoning": Reasoning(enabled=True)}):
            warm.run(warm.lend(_spec(tmp_path, **model), _context(tmp_path, []), made))
        warm.run(warm.release())
        assert made.counts == [(1, 1)] * 3


def test_a_server_that_died_is_replaced(tmp_path: Path) -> None:
    made = _Made()
    with keeping_warm(tmp_path):
        warm = warm_server()
        assert warm is not None
        warm.run(warm.lend(_spec(tmp_path), _context(tmp_path, []), made))
        made.reply = BackendError("gone")
        warm.run(warm.lend(_spec(tmp_path), _context(tmp_path, []), made))
        assert made.counts == [(1, 1), (1, 0)]


def test_the_server_ends_with_the_sweep_however_that_ends(tmp_path: Path) -> None:
    made = _Made()

    def interrupted() -> None:
        with keeping_warm(tmp_path):
            warm = warm_server()
            assert warm is not None
            warm.run(warm.lend(_spec(tmp_path), _context(tmp_path, []), made))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert made.counts == [(1, 1)]


def test_a_start_that_fails_leaves_nothing_warm(tmp_path: Path) -> None:
    class Broken(ScriptedBackend):
        async def __aenter__(self) -> Any:
            raise BackendError("no memory")

    server = WarmServer(tmp_path)
    with pytest.raises(BackendError, match="no memory"):
        server.run(
            server.lend(_spec(tmp_path), _context(tmp_path, []), lambda context: Broken([], context=context))
        )
    made = _Made()
    server.run(server.lend(_spec(tmp_path), _context(tmp_path, []), made))
    server.close()
    assert made.counts == [(1, 1)]
