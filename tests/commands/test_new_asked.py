"""``llmbench new model NAME --url URL``: a profile from what a running server says."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Context, ModelProfile
from llmbench.testing.lmstudio_stub import LmStudioStub
from llmbench.testing.ollama_stub import OllamaStub, StubModel
from llmbench.testing.servers import StubServer
from llmbench_plugins.backends.llamacpp import LlamaCpp
from llmbench_plugins.backends.llamacpp.options import LlamaCppOptions, Source


def test_llama_cpp_tells_weights_context_and_sampler(run: Any, here: Path) -> None:
    pytest.importorskip("xllamacpp", reason="needs llmbench[embedded]")
    weights = Path(__file__).parents[1] / "data" / "random.gguf"

    async def ask() -> Any:
        context = Context(work_dir=here / "work", cache_dir=here / "cache")
        (here / "work").mkdir()
        options = LlamaCppOptions(source=Source(path=str(weights), context=1024))
        async with LlamaCpp(options, ModelProfile(name="random"), context) as backend:
            url = (await backend.describe())["url"]
            return await asyncio.to_thread(run, "new", "model", "mine", "--url", url)

    asked = asyncio.run(asyncio.wait_for(ask(), 60))
    assert asked.exit_code == 0, asked.stderr
    text = (here / "conf/model/mine.yaml").read_text()
    assert f'llamacpp: {{path: "{weights}", context: 1024}}' in text
    assert "\n  openai: {model: " in text
    assert "top_k: 40" in text
    ran = run("model=mine", "agent=oracle", "dry_run=true")
    assert ran.exit_code == 0, ran.stderr


def test_any_other_server_tells_its_models_name(run: Any, here: Path) -> None:
    with StubServer(models=["stub-7b"]) as stub:
        asked = run("new", "model", "mine", "--url", stub.url)
    assert asked.exit_code == 0, asked.stderr
    assert 'openai: {model: "stub-7b"}' in (here / "conf/model/mine.yaml").read_text()
    shown = run("model=mine", "backend=openai", "backend.url=http://127.0.0.1:1", "dry_run=true")
    assert shown.exit_code == 0, shown.stderr


@pytest.mark.parametrize(
    ("make", "name", "backend", "source"),
    [
        (lambda: OllamaStub(models={"coder:7b": StubModel()}), "coder:7b", "ollama", '{tag: "coder:7b"}'),
        (lambda: LmStudioStub(models={"qwen/coder": 8192}), "qwen/coder", "lmstudio", '{key: "qwen/coder"}'),
    ],
    ids=["ollama", "lmstudio"],
)
def test_a_server_that_keeps_models_gives_the_profile_its_own_source_too(
    run: Any, here: Path, make: Any, name: str, backend: str, source: str
) -> None:
    with make() as stub:
        asked = run("new", "model", "mine", "--url", stub.root)
        assert asked.exit_code == 0, asked.stderr
        ran = run(
            "model=mine", f"backend={backend}", f"backend.url={stub.root}", "agent=oracle", "dry_run=true"
        )
        assert ran.exit_code == 0, ran.stderr
    text = (here / "conf/model/mine.yaml").read_text()
    assert f"\n  {backend}: {source}\n" in text
    assert f'\n  openai: {{model: "{name}"}}\n' in text


def test_what_is_wrong_is_told_and_nothing_is_written(run: Any, here: Path) -> None:
    with StubServer(models=["a", "b"]) as stub:
        several = run("new", "model", "mine", "--url", stub.url)
    assert (several.exit_code, "several models (a, b)" in several.stderr) == (2, True)
    assert run("new", "model", "mine", "--url", "nonsense").exit_code == 2
    away = run("new", "model", "mine", "--url", "http://127.0.0.1:1")
    assert (away.exit_code, "can't be read" in away.stderr) == (1, True)
    assert run("new", "task", "mine", "--url", "http://127.0.0.1:1").exit_code == 2
    assert not (here / "conf").exists(), json.dumps(list(map(str, here.rglob("*"))))
