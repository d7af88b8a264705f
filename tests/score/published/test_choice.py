"""A figure stands beside exactly the model that it was measured with, and beside no other."""

from collections.abc import Callable
from typing import Any

import pytest

from llmbench.score.published import Beside

Found = Callable[..., list[Beside]]
QWEN = "Qwen2.5-Coder-32B-Instruct"


def named(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, **more}


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (named("mine", sources={"default": {"repo": f"Qwen/{QWEN}"}}), QWEN),
        (named("mine", sources={"openrouter": {"slug": "qwen/qwen2.5-coder-32b-instruct"}}), QWEN),
        (named("mine", published=["qwen/Qwen2.5-coder-32B-instruct"], sources={}), QWEN),
        (named(QWEN), QWEN),
        (named("Qwen/Qwen2.5-Coder-7B-Instruct"), "Qwen2.5-Coder-7B-Instruct"),
        (named("meta-llama/Meta-Llama-3-8B"), "Llama3-8B-base"),
        (named("meta-llama/Meta-Llama-3-8B-Instruct"), "Llama3-8B-instruct"),
        (named("gpt-4o-2024-08-06"), "GPT 4o (Aug 2024)"),
    ],
)  # fmt: skip
def test_exact_ids(found: Found, model: dict[str, Any], expected: str) -> None:
    assert {beside.model for beside in found(model=model)} == {expected}


@pytest.mark.parametrize(
    "model",
    [
        named("qwen2.5-coder"),
        named("qwen2.5-coder-32b"),
        named("Qwen2.5-Coder-32B"),
        named("Qwen/Qwen2.5-Coder-32B"),
        named("Qwen2.5-Coder-32B-Instruct-GPTQ-Int4"),
        named("someone/Qwen2.5-Coder-32B-Instruct"),
        named("mine", sources={"llamacpp": {"repo": "unsloth/Qwen2.5-Coder-32B-Instruct-GGUF"}}),
        named("gpt-4o"),
        named("gpt-4o-2024-11-20"),
        named("codellama-70b"),
        named("deepseek-v3"),
        named("any", sources={"default": {}}),
        named("demo"),
        named(""),
    ],
)
def test_near_misses_are_other_models(found: Found, model: dict[str, Any]) -> None:
    assert found(model=model) == []


@pytest.mark.parametrize("dataset", ["exercism", "quickstart", "humanevalplus, twin 1", "mine"])
def test_figures_are_those_of_the_dataset(found: Found, dataset: str) -> None:
    model = named("Qwen/Qwen2.5-Coder-7B-Instruct")
    assert found(model=model)
    assert found(model=model, dataset=dataset) == []


def test_nothing_stands_beside_a_run_that_asked_no_model_or_saw_the_tests(found: Found) -> None:
    assert found()
    assert found(completions=0, agent="oracle") == []
    assert found(facts={"version": "v0.1.10", "tests_shown": True}) == []
    assert found(model=named("Qwen2.5-Coder-32B-Instruct", trusted=True)) == []
    assert found(graded=0) == []


OWN = {"pass_at_1": 0.9, "source": "our lab", "date": 2026}


def test_a_profile_has_the_last_word(found: Found) -> None:
    def given(reference: Any) -> list[tuple[str, float, str]]:
        model = named("Qwen2.5-Coder-32B-Instruct", reference=reference)
        return [(beside.source, beside.share, beside.date) for beside in found(model=model)]

    assert given({"humanevalplus": OWN}) == [("our lab", 0.9, "2026")]
    assert given({"humanevalplus": None}) == []
    known = given({})
    assert {source for source, _, _ in known} == {"EvalPlus leaderboard", PAPER}
    assert given({"exercism": OWN}) == known
    assert given(None) == known


PAPER = "Qwen2.5-Coder technical report, arXiv 2409.12186v3"


def test_a_profile_may_say_how_its_figure_was_measured(found: Found) -> None:
    own = OWN | {"base_pass_at_1": 0.95, "temperature": 0.8, "precision": "BF16", "tasks": None}
    base, plus = sorted(
        found(model=named("x", reference={"humanevalplus": own})), key=lambda beside: -beside.share
    )
    assert (base.metric, plus.metric) == ("pass@1 of base tests", "pass@1")
    assert plus.differs == ("temperature 0.8 there, greedy here",)
    assert plus.unknown == ("way of asking",)
