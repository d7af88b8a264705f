"""Small parts of the backends that a whole server does not reach."""

import asyncio
import dataclasses
import hashlib
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from llmbench.api import Context, Message, Request
from llmbench.api.options import from_mapping
from llmbench.errors import BackendError, UsageError
from llmbench.resources import resource_dir
from llmbench.testing.backend import BackendConformance
from llmbench.testing.scripted import ScriptedBackend
from llmbench_plugins.backends.llamacpp.args import flags_in, server_arguments
from llmbench_plugins.backends.llamacpp.options import LlamaCppOptions
from llmbench_plugins.backends.llamacpp.weights import Wanted, Weights
from llmbench_plugins.backends.openai import OpenAIOptions
from llmbench_plugins.backends.replay.backend import ReplayOptions
from llmbench_plugins.backends.shared.http import base_url, retry_after_s
from llmbench_plugins.backends.shared.weights import weights_sha256


@pytest.mark.parametrize(
    ("name", "options"), [("openai", OpenAIOptions), ("llamacpp", LlamaCppOptions), ("replay", ReplayOptions)]
)
def test_the_yaml_says_every_option_with_its_default(name: str, options: type) -> None:
    file = resource_dir("conf") / "backend" / f"{name}.yaml"
    said = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert said.pop("name") == name
    assert from_mapping(options, said, "backend") == options()
    assert set(said) == {field.name for field in dataclasses.fields(options)} - {"source"}


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ("http://h:1", "http://h:1/v1"),
        ("https://h/api/v1/", "https://h/api/v1"),
        ("https://h/v1beta/openai/chat/completions", "https://h/v1beta/openai"),
    ],
)
def test_the_base_of_a_url(given: str, base: str) -> None:
    assert base_url(given, key="backend.url") == base


@pytest.mark.parametrize("url", ["http://[::1]:1/v1", "https://[fe80::1]/v1"])
def test_an_address_in_brackets_is_a_host(url: str) -> None:
    assert base_url(url, key="backend.url") == url


@pytest.mark.parametrize(
    "url",
    ["http://h:18a55/v1", "http://h:99999", "http://h:0", "http://[::1/v1", "localhost:8080", "ftp://h", ""],
)
def test_what_is_no_url_is_refused_in_one_line(url: str) -> None:
    with pytest.raises(UsageError, match=r"^backend\.url: expected a URL such as") as caught:
        base_url(url, key="backend.url")
    assert "\n" not in str(caught.value)


def test_retry_after_is_a_number_or_a_date() -> None:
    in_a_minute = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    assert retry_after_s("2.5") == 2.5
    assert 55 < (retry_after_s(in_a_minute) or 0) <= 60
    assert retry_after_s("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert retry_after_s("soon") is None
    assert retry_after_s("") is None


def test_a_flag_that_the_build_does_not_know_is_left_out() -> None:
    known = flags_in("-m,    --model FNAME\n--metrics   enable\n-np, --parallel N\n")
    assert known == {"-m", "--model", "--metrics", "-np", "--parallel"}
    wanted = Wanted(
        weights=Weights("m.gguf"),
        context=512,
        slots=2,
        port=None,
        extra_args=["-ngl", "9"],
        startup_timeout_s=1.0,
    )
    argv = server_arguments(("-m", "m.gguf"), host="127.0.0.1", port=1, wanted=wanted, known=known)
    assert "--metrics" in argv
    assert "--slots" not in argv
    assert argv[-2:] == ("-ngl", "9")
    assert argv[argv.index("-c") + 1] == "1024"


def test_weights_are_hashed_once_and_again_when_they_change(tmp_path: Path) -> None:
    file, cache = tmp_path / "m.gguf", tmp_path / "cache"
    file.write_bytes(b"one")
    stat = file.stat()
    first = weights_sha256(file, cache)
    assert first == hashlib.sha256(b"one").hexdigest()
    file.write_bytes(b"two")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert weights_sha256(file, cache) == first, "same size and time: taken from memory"
    file.write_bytes(b"three")
    assert weights_sha256(file, cache) == hashlib.sha256(b"three").hexdigest()


def test_all_parts_of_split_weights_are_hashed(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"m-{number:05}-of-00002.gguf").write_bytes(b"%d" % number)
    assert weights_sha256(tmp_path / "m-00001-of-00002.gguf", tmp_path) == hashlib.sha256(b"12").hexdigest()


class TestScripted(BackendConformance):
    limits_tokens = False
    refuses_oversize = False

    def make_backend(self, context: Context) -> ScriptedBackend:
        return ScriptedBackend(lambda request: "x", context=context)


def test_a_script_answers_in_order_and_ends(context: Context, bounded: Callable[..., Any]) -> None:
    request = Request(messages=(Message("user", "?"),), max_tokens=1)

    async def ask() -> list[Any]:
        async with ScriptedBackend(["a", BackendError("down")], context=context) as backend:
            got = await asyncio.gather(*(backend.complete(request) for _ in range(3)), return_exceptions=True)
            assert backend.requests == [request] * 3
            return got

    first, second, third = bounded(ask())
    assert first.content == "a"
    assert str(second) == "down"
    assert "no further reply" in str(third)
