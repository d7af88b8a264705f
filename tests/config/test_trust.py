"""A profile's trust reaches as far as its author knew the answers, and no further."""

from dataclasses import dataclass
from typing import Annotated

import pytest

from llmbench.api import ModelProfile, option
from llmbench.config.arguments import parse
from llmbench.config.build import build_spec
from llmbench.config.compose import compose
from llmbench.config.trust import still_trusted
from llmbench.runner.spec import Part


@dataclass(frozen=True, slots=True)
class Options:
    url: str = ""
    slots: Annotated[int, option(identity=False)] = 1


SERVER = Part(name="server", options=Options())


def profile(*sources: str, trusted: bool = True) -> ModelProfile:
    return ModelProfile(name="known", trusted=trusted, sources={name: {} for name in sources})


@pytest.mark.parametrize("sources", [("server",), ("default",), ()])
def test_it_holds_for_what_the_profile_names(sources: tuple[str, ...]) -> None:
    assert still_trusted(profile(*sources), SERVER, ["samples=3", "++backend.slots=4", "sampling=greedy"])


@pytest.mark.parametrize(
    "override",
    ["++model.sources.server.path=other.gguf", "++model.sources={server: {}}", "++backend.url=http://other"],
)
def test_it_ends_where_the_answers_come_from_elsewhere(override: str) -> None:
    assert not still_trusted(profile("server"), SERVER, [override])


def test_it_ends_at_a_backend_that_the_profile_does_not_name() -> None:
    assert not still_trusted(profile("llamacpp"), SERVER, [])


def test_a_person_may_say_so_on_the_command_line() -> None:
    word = ["++model.trusted=true", "++backend.url=http://mine"]
    assert still_trusted(profile("server"), SERVER, word)


def test_it_never_begins_by_itself() -> None:
    assert not still_trusted(profile("server", trusted=False), SERVER, [])


@pytest.mark.parametrize(
    ("words", "trusted"),
    [
        ([], True),
        (["backend.slots=4", "tries=2"], True),
        (["model.sources.llamacpp.path=glm.gguf"], False),
        (["backend.server=attach", "backend.url=http://127.0.0.1:8080"], False),
        (["backend=replay", "backend.path=answers.jsonl"], False),
    ],
)
def test_the_demo_models_name_is_no_free_pass(words: list[str], trusted: bool) -> None:
    assert build_spec(compose(parse(words))).model.trusted is trusted
