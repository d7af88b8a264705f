"""Every model profile that ships composes with each backend it names, and says where its numbers are from."""

import re

import pytest

from llmbench import registry
from llmbench.config.arguments import parse
from llmbench.config.build import build_spec
from llmbench.config.compose import compose
from llmbench.records.manifest import Manifest, Plan
from llmbench.resources import resource_dir
from llmbench.runner.spec import RunSpec
from llmbench.score.published.choice import figures_for

PROFILES = sorted(path.stem for path in (resource_dir("conf") / "model").glob("*.yaml"))
OWN = {"any", "demo"}
HOSTED = {"anthropic", "openrouter"}
"""Profiles that are no published model."""


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_fits_each_backend_it_names(name: str) -> None:
    sources = _spec(name, "replay").model.sources
    for backend in set(sources) & set(registry.names("backend")):
        source = getattr(_spec(name, backend).backend.options, "source", None)
        assert source is not None, backend


@pytest.mark.parametrize("name", sorted(set(PROFILES) - OWN))
def test_a_profile_says_where_its_settings_come_from(name: str) -> None:
    spec = _spec(name, "replay")
    assert spec.model.description
    assert bool(spec.model.sampling_source) == any(
        getattr(spec.model.sampling, key) is not None for key in ("temperature", "top_p", "top_k", "min_p")
    )
    reasoning = spec.model.reasoning
    assert not reasoning.enabled or reasoning.think_tokens >= reasoning.answer_tokens


@pytest.mark.parametrize("name", sorted(set(PROFILES) - OWN))
def test_weights_are_named_by_repository_and_file_with_room_for_the_budgets(name: str) -> None:
    spec = _spec(name, "replay")
    source = spec.model.sources.get("llamacpp")
    if source is None:
        assert set(spec.model.sources) <= HOSTED, "only hosted models have no weights"
        return
    assert re.fullmatch(r"[\w.-]+/[\w.-]+", source["repo"])
    assert str(source["file"]).endswith(".gguf")
    assert source["context"] == 16384
    assert spec.model.reasoning.max_tokens < source["context"]


@pytest.mark.parametrize("name", sorted(set(PROFILES) - OWN))
def test_other_quantizations_are_known_by_the_same_published_name(name: str) -> None:
    model = _spec(name, "replay").model
    hosted = set(model.sources) <= HOSTED
    named = model.published or model.sources.get("default", {}).get("repo")
    assert hosted or named, "no published figure would ever stand beside it"
    assert not model.reference, "figures of others are in llmbench/score/published"


NEXT = {"model card of Qwen/Qwen3-Coder-Next"}
WITH_FIGURES = {
    "gpt-oss-120b": {"model card of openai/gpt-oss-120b"},
    "qwen2.5-coder-7b": {"Qwen2.5-Coder technical report, arXiv 2409.12186v3"},
    "qwen3-coder-next": NEXT,
    "qwen3-coder-next-q6": NEXT,
    "qwen3-coder-next-q6-xl": NEXT,
}


@pytest.mark.parametrize("name", PROFILES)
def test_published_figures_are_found_by_what_a_profile_says(name: str) -> None:
    spec = _spec(name, "replay")
    manifest = Manifest(
        run_id=spec.run_id,
        config=dict(spec.config),
        providers={},
        names={"model": spec.model.name, "dataset": "humanevalplus"},
        plan=Plan(tasks=(), digests=(), samples=1, tries=1),
        dataset={},
    )
    assert {source.title for _, source in figures_for(manifest)} == WITH_FIGURES.get(name, set())


def _spec(model: str, backend: str) -> RunSpec:
    return build_spec(compose(parse([f"model={model}", f"backend={backend}"])))
