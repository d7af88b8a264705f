from pathlib import Path

import pytest

from llmbench.api import Reasoning, Sampling
from llmbench.config.arguments import parse
from llmbench.config.build import build_spec
from llmbench.config.compose import compose
from llmbench.errors import BrokenPluginError, ImpossibleError, UsageError
from llmbench.runner.spec import RunSpec


@pytest.fixture
def spec(here: Path, stub: tuple[str, ...]):  # noqa: ANN201 - a function of overrides
    def build(*overrides: str) -> RunSpec:
        return build_spec(compose(parse([*stub, *overrides])))

    return build


def test_a_run_is_plain_frozen_data(spec) -> None:
    built = spec("limit=3", "tasks=[leap,HumanEval/3]")
    assert built.backend.name == "stub"
    assert built.backend.provider == "llmbench-stub 1.2"
    assert built.backend.options.source.path == "weights.bin"
    assert built.backend.options.source.context == 1024
    assert built.selection.limit == 3
    assert built.selection.tasks == ("leap", "HumanEval/3")
    assert built.model.reasoning == Reasoning(answer_tokens=100)
    assert built.model.sampling_source == "its card"
    assert built.sampling == Sampling(temperature=0.7, top_p=0.9)
    assert built.validator.name == "stub"
    assert built.folder == Path(f"outputs/stub/org-stub-stub-stub-{built.run_id}")
