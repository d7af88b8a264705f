"""Fields from options: what is closed, or marked, can be set from a browser, and nothing else."""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from llmbench import registry
from llmbench.api import option
from llmbench.serve.launching.fields import Field, fields_of
from llmbench.serve.launching.offer import make_offer


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    deep: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    slots: Annotated[int, option(ge=2, help="requests at once")] = 4
    share: float | None = None
    way: Literal["near", "far"] = "near"
    ways: tuple[Literal["near", "far"], ...] = ()
    quick: bool = False
    kept: bool = True
    wished: Annotated[bool, option(from_browser="on")] = False
    program: str = "rm"
    arguments: tuple[str, ...] = ()
    variables: dict[str, str] = field(default_factory=dict)
    either: int | str = 1
    prompt: Annotated[str | None, option(from_browser="text")] = None
    names: Annotated[tuple[str, ...], option(from_browser="text")] = ()
    place: Annotated[str | None, option(from_browser="path")] = None
    url: Annotated[str | None, option(from_browser="local url")] = None
    inner: Inner = Inner()


def _found(**more: Any) -> dict[str, Field]:
    return {each.key: each for each in fields_of(Options, "backend.", **more)}


def test_what_is_no_closed_set_is_left_out_unless_it_is_marked() -> None:
    kinds = {key.removeprefix("backend."): each.kind for key, each in _found().items()}
    assert kinds == {
        "slots": "integer",
        "share": "number",
        "way": "choice",
        "ways": "choices",
        "quick": "switch",
        "kept": "switch",
        "wished": "switch",
        "prompt": "text",
        "names": "texts",
        "place": "path",
        "url": "local url",
        "inner.deep": "integer",
    }


def test_a_field_knows_limits_words_and_what_is_taken_otherwise() -> None:
    found = _found(defaults={"slots": 8, "inner": {"deep": 5}}, comments={"way": "how far"})
    assert found["backend.slots"].minimum == 2
    assert found["backend.slots"].help == "requests at once"
    assert found["backend.slots"].default == "8"
    assert found["backend.inner.deep"].default == "5"
    assert found["backend.way"].help == "how far"
    assert sorted(found["backend.ways"].words) == ["far", "near"]


def test_one_box_to_tick_is_enough_for_what_is_false_otherwise() -> None:
    found = _found()
    assert [key for key, each in found.items() if each.is_flag] == ["backend.quick"]
    assert [key for key, each in found.items() if each.is_on] == ["backend.wished"]


def test_no_field_reaches_a_program_a_variable_or_a_secret() -> None:
    dangerous = ("argv", "args", "binary", "image", "env", "headers", "query", "lms", "candidates")
    for group in ("backend", "agent", "dataset", "validator", "sandbox"):
        for choice in make_offer({}).names(group):
            keys = [each.key for each in make_offer({group: [choice]}).sections[group]]
            words = {word for key in keys for word in key.replace("_", ".").split(".")}
            assert not words.intersection(dangerous), (choice, keys)
            assert "agent.install" not in keys


def test_every_group_has_its_choices_and_every_plugin_its_fields() -> None:
    offer = make_offer({"backend": ["ollama", "llamacpp"]})
    assert set(registry.names("backend")) <= set(offer.names("backend"))
    assert offer.groups["model"].default == "demo"
    assert {"backend.pull", "backend.slots", "samples", "sampling.temperature"} <= {
        each.key for fields in offer.sections.values() for each in fields
    }
    slots = offer.field("backend.slots")
    assert slots is not None
    assert slots.default == ""  # the two differ


def test_a_dataset_brings_the_fields_of_its_validator() -> None:
    assert make_offer({"dataset": ["exercism"]}).field("validator.rules") is not None
    assert make_offer({}).field("validator.rules") is None
