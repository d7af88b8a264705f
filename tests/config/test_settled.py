"""An option that is not read chooses what reads it, or is refused: by one rule for every plugin."""

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest

from llmbench import registry
from llmbench.api.options import read_when
from llmbench.config.arguments import parse
from llmbench.config.build import build_spec
from llmbench.config.compose import compose
from llmbench.errors import UsageError
from llmbench.runner.spec import RunSpec

Build = Callable[..., RunSpec]
EVERY = [
    (axis, name)
    for axis in registry.AXES
    if axis not in ("conf", "toolchain")
    for name in registry.names(axis)
]


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Build:
    monkeypatch.chdir(tmp_path)
    return lambda *overrides: build_spec(compose(parse(overrides)))


def refused(build: Build, *overrides: str) -> str:
    with pytest.raises(UsageError) as caught:
        build(*overrides)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("word", "server"),
    [
        ("backend.url=http://127.0.0.1:8080", "attach"),
        ("backend.binary=./llama-server", "binary"),
        ("backend.binary=llama-server", "binary"),  # the default, but somebody says it
        ("backend.image=ghcr.io/ggml-org/llama.cpp:server-cuda", "docker"),
        ("backend.gpus=all", "docker"),
        ("backend.docker_args=[--device=/dev/kfd]", "docker"),
    ],
)
def test_an_option_chooses_the_only_server_that_reads_it(build: Build, word: str, server: str) -> None:
    spec = build("model=any", word)
    assert spec.backend.options.server == server
    assert spec.config["backend"]["server"] == server, "as the manifest and a regrade will have it"


def test_what_is_implied_is_the_same_run_as_what_is_said(build: Build) -> None:
    said = build("model=any", "backend.server=attach", "backend.url=http://127.0.0.1:8080")
    assert build("model=any", "backend.url=http://127.0.0.1:8080").run_id == said.run_id


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (
            ("backend.server=embedded", "backend.url=http://h"),
            "backend.url: read only with backend.server=attach, and it is embedded; set backend.server or ",
        ),
        (("backend.server=binary", "backend.image=x"), "backend.image: read only with backend.server=docker"),
        (
            ("backend.server=attach", "backend.extra_args=[-ngl,1]"),
            "with backend.server=embedded or binary or",
        ),
        (
            ("backend.binary=x", "backend.image=y"),
            "with backend.server=docker, and it is binary, which backend.binary asks for",
        ),
        (
            ("backend=ollama", "backend.server=start", "backend.url=http://h"),
            "backend.url: read only with backend.server=auto or attach, and it is start",
        ),
        (("backend=ollama", "backend.server=attach", "backend.binary=x"), "backend.binary: read only with"),
        (
            ("backend=mlx", "backend.concurrency=4"),
            "backend.concurrency: read only with backend.seeded=false, and it is true",
        ),
        (
            ("dataset=humanevalplus", "dataset.path=x", "dataset.url=http://h"),
            "dataset.url: read only with dataset.path=null, and it is x",
        ),
        (
            ("agent=cli", "agent.argv=[x]", "agent.isolation=none", "agent.show=[/opt]"),
            "agent.show: read only",
        ),
        (("agent=tools", "agent.protocol=native", "agent.text_protocol=x"), "agent.text_protocol: read only"),
    ],
)
def test_an_option_that_would_be_ignored_is_refused(
    build: Build, words: tuple[str, ...], complaint: str
) -> None:
    assert complaint in refused(build, "model=any", *words)


def test_null_asks_for_nothing(build: Build) -> None:
    assert build("backend.url=null").backend.options.server == "embedded"


def test_a_file_of_ones_own_chooses_as_well_and_the_command_line_wins(build: Build) -> None:
    folder = Path("conf/backend")
    folder.mkdir(parents=True)
    (folder / "mine.yaml").write_text("defaults: [llamacpp, _self_]\nurl: http://127.0.0.1:9\n")
    assert build("model=any", "backend=mine").backend.options.server == "attach"
    assert build("model=any", "backend=mine", "backend.server=binary").backend.options.server == "binary"
    (folder / "both.yaml").write_text("defaults: [mine, _self_]\nserver: docker\n")
    assert "(conf/backend/both.yaml)" in refused(build, "model=any", "backend=both")


@pytest.mark.parametrize(("axis", "name"), EVERY)
def test_what_reads_an_option_is_declared_of_options_and_values_that_there_are(axis: str, name: str) -> None:
    options = registry.load(axis, name).Options
    names = {field.name for field in fields(options)}
    for option, conditions in read_when(options).items():
        assert set(conditions) <= names - {option}
        assert all(conditions.values())


@pytest.mark.parametrize(
    "words",
    [
        ("model.name=gpt-5",),
        ("model.name=gpt-5", "backend.url=http://127.0.0.1:8080"),
        ("backend.url=http://127.0.0.1:8080",),
        ("backend.server=attach",),
        ("model.sources.llamacpp.path=mine.gguf",),
    ],
)
def test_the_default_models_weights_answer_under_no_other_name(build: Build, words: tuple[str, ...]) -> None:
    assert build(*words).misnamed.startswith(f"{words[0].partition('=')[0]}: no model was chosen, and demo")
    assert build("model=any", *words).misnamed == ""


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("model.reasoning.answer_tokens=100",),
        ("model.sources.llamacpp.context=512",),
        ("backend.slots=1",),
    ],
)
def test_the_default_model_may_be_set_otherwise(build: Build, words: tuple[str, ...]) -> None:
    assert build(*words).misnamed == ""


def test_weights_are_not_named_for_a_server_that_has_its_own(build: Build) -> None:
    words = ("model=any", "model.sources.llamacpp.path=mine.gguf")
    assert build(*words).misnamed == ""
    told = build(*words, "backend.url=http://127.0.0.1:8080").misnamed
    assert told.startswith("model.sources.llamacpp.path: a server that is up has weights of its own")
    context = ("model=any", "model.sources.llamacpp.context=4096", "backend.url=http://127.0.0.1:8080")
    assert build(*context).misnamed == ""
