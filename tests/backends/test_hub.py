"""Downloads from a hub on this machine: resumed, checked, and never repeated."""

import asyncio
import hashlib
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from llmbench.api import Context
from llmbench.errors import PrerequisiteError
from llmbench.testing.hub import COMMIT, LoopbackHub
from llmbench_plugins.backends.shared.hub import fetch, parts_of_gguf

pytest.importorskip("huggingface_hub", reason="needs llmbench[embedded]")
CONTENT = random.Random(0).randbytes(300_000)  # noqa: S311 - any bytes will do
LARGE = CONTENT * 75
"""The library writes ten megabytes at a time, so that only what is larger can be gone on with."""
FILES = {
    "me/it-MLX": {"config.json": b"{}", "model.safetensors": CONTENT, "other.bin": b"x"},
    "me/it-GGUF": {
        "it.gguf": CONTENT,
        "large.gguf": LARGE,
        "two-00001-of-00002.gguf": b"one",
        "two-00002-of-00002.gguf": b"two",
    },
}


@pytest.fixture(autouse=True)
def _no_hub_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.delenv("HF_TOKEN", raising=False)


@pytest.fixture
def use_hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., LoopbackHub]]:
    """Start a hub with the given faults."""
    started = []

    def use(**faults: Any) -> LoopbackHub:
        hub = LoopbackHub(FILES, **faults)
        started.append(hub.__enter__())
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        return hub

    yield use
    for hub in started:
        hub.__exit__(None, None, None)


def test_a_file_is_fetched_once_and_found_without_the_hub_after_that(
    use_hub: Callable[..., LoopbackHub], context: Context, said: list[str], bounded: Callable[..., Any]
) -> None:
    hub = use_hub()
    first = bounded(fetch("me/it-GGUF", context=context, files=["it.gguf"]))
    assert first.files[0].read_bytes() == CONTENT
    assert first.revision == COMMIT
    assert context.cache_dir in first.files[0].parents
    asked = len(hub.requests)
    again = bounded(fetch("me/it-GGUF", context=context, files=["it.gguf"]))
    assert again == first
    assert len(hub.requests) == asked
    assert any("fetching me/it-GGUF" in line for line in said)


def test_a_download_that_broke_off_goes_on_where_it_was(
    use_hub: Callable[..., LoopbackHub], context: Context, bounded: Callable[..., Any]
) -> None:
    hub = use_hub(break_after=21_000_000)
    fetched = bounded(fetch("me/it-GGUF", context=context, files=["large.gguf"]))
    assert hashlib.sha256(fetched.files[0].read_bytes()).digest() == hashlib.sha256(LARGE).digest()
    assert any(request.endswith("bytes=20971520-") for request in hub.requests), hub.requests


def test_a_damaged_file_is_refused_and_not_kept(
    use_hub: Callable[..., LoopbackHub], context: Context, bounded: Callable[..., Any]
) -> None:
    use_hub(damage=True)
    with pytest.raises(PrerequisiteError, match=r"it\.gguf arrived damaged"):
        bounded(fetch("me/it-GGUF", context=context, files=["it.gguf"]))
    assert not [
        file for file in (context.cache_dir / "hub").rglob("*") if file.name == "it.gguf" and file.exists()
    ]


def test_a_file_that_was_damaged_on_this_machine_is_fetched_again(
    use_hub: Callable[..., LoopbackHub], context: Context, bounded: Callable[..., Any]
) -> None:
    use_hub()
    fetched = bounded(fetch("me/it-GGUF", context=context, files=["it.gguf"]))
    fetched.files[0].resolve().write_bytes(CONTENT[:-1])
    again = bounded(fetch("me/it-GGUF", context=context, files=["it.gguf"]))
    assert again.files[0].read_bytes() == CONTENT


def test_a_token_is_sent_from_the_secrets_and_its_lack_is_told(
    use_hub: Callable[..., LoopbackHub], tmp_path: Path, context: Context, bounded: Callable[..., Any]
) -> None:
    use_hub(token="hf_x")  # noqa: S106 - made up
    with pytest.raises(PrerequisiteError, match="HF_TOKEN"):
        bounded(fetch("me/it-GGUF", context=context, files=["it.gguf"]))
    trusted = Context(work_dir=tmp_path, cache_dir=context.cache_dir, secrets={"HF_TOKEN": "hf_x"})
    assert bounded(fetch("me/it-GGUF", context=trusted, files=["it.gguf"])).files


@pytest.mark.parametrize(
    ("repo", "file", "told"),
    [("me/none", "it.gguf", "me/none"), ("me/it-GGUF", "no.gguf", r"no\.gguf")],
)
def test_what_is_not_there_is_told(
    use_hub: Callable[..., LoopbackHub],
    context: Context,
    bounded: Callable[..., Any],
    repo: str,
    file: str,
    told: str,
) -> None:
    use_hub()
    with pytest.raises(PrerequisiteError, match=f"{told}.*can't be fetched: "):
        bounded(fetch(repo, context=context, files=[file]))


@pytest.mark.slow
def test_a_hub_out_of_reach_is_told(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    with pytest.raises(PrerequisiteError, match="can't be reached"):
        asyncio.run(asyncio.wait_for(fetch("me/it-GGUF", context=context, files=["it.gguf"]), 60))


def test_all_parts_of_a_split_file_are_fetched(
    use_hub: Callable[..., LoopbackHub], context: Context, bounded: Callable[..., Any]
) -> None:
    use_hub()
    names = parts_of_gguf("two-00001-of-00002.gguf")
    fetched = bounded(fetch("me/it-GGUF", context=context, files=names))
    assert [file.read_bytes() for file in fetched.files] == [b"one", b"two"]
    assert len({file.parent for file in fetched.files}) == 1


def test_a_whole_repository_is_fetched_by_patterns(
    use_hub: Callable[..., LoopbackHub], context: Context, bounded: Callable[..., Any]
) -> None:
    use_hub()
    fetched = bounded(fetch("me/it-MLX", context=context, patterns=["*.json", "*.safetensors"]))
    assert [file.name for file in fetched.files] == ["config.json", "model.safetensors"]
    assert bounded(fetch("me/it-MLX", context=context, patterns=["*.json", "*.safetensors"])) == fetched


def test_a_cancelled_download_leaves_no_process(
    use_hub: Callable[..., LoopbackHub], context: Context, bounded: Callable[..., Any]
) -> None:
    async def cancel() -> None:
        use_hub()
        fetching = asyncio.ensure_future(fetch("me/it-GGUF", context=context, files=["it.gguf"]))
        while not psutil.Process().children():  # noqa: ASYNC110 - a process sets no Event
            await asyncio.sleep(0.01)
        fetching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await fetching
        assert not psutil.wait_procs(psutil.Process().children(), timeout=10)[1]

    bounded(cancel())
