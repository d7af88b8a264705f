from collections.abc import Callable
from pathlib import Path

import pytest

from llmbench.config.arguments import parse
from llmbench.config.build import build_spec
from llmbench.config.compose import compose
from llmbench.errors import UsageError
from llmbench.runner.spec import RunSpec

Build = Callable[..., RunSpec]


@pytest.fixture
def build(here: Path, stub: tuple[str, ...]) -> Build:
    def build(*overrides: str) -> RunSpec:
        return build_spec(compose(parse([*stub, "agent=caller", *overrides])))

    return build


def test_tools_come_in_the_order_of_the_options_with_their_own(build: Build) -> None:
    spec = build("agent.tools=[stubshell,stublook]", "agent.tool_options.stubshell.timeout_s=5")
    assert [(tool.name, tool.provider) for tool in spec.tools] == [
        ("stubshell", "llmbench-stub 1.2"),
        ("stublook", "llmbench-stub 1.2"),
    ]
    assert spec.tools[0].options.timeout_s == 5


def test_an_agent_that_names_none_has_none(build: Build) -> None:
    assert build("agent=stub").tools == ()


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("agent.tools=[stubshel]", "agent.tools: no tool 'stubshel'; did you mean 'stubshell'?"),
        ("agent.tools=[stublook,stublook]", "agent.tools: 'stublook' stands there twice"),
        (
            "agent.tool_options.stubshell.timeout_s=-1",
            "agent.tool_options.stubshell.timeout_s: expected a number > 0, got -1",
        ),
        (
            "agent.tool_options.stubshell.timeout=1",
            "agent.tool_options.stubshell.timeout: unknown option",
        ),
        (
            "agent.tool_options.stublok.x=1",
            "agent.tool_options.stublok: agent.tools has no 'stublok'; did you mean 'stublook'?",
        ),
    ],
)
def test_a_wrong_tool_is_named_with_its_full_key(build: Build, override: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        build(override)
    assert str(caught.value).startswith(said)
    assert caught.value.exit_code == 2


def test_a_tools_option_is_part_of_the_hash(build: Build) -> None:
    plain = build().run_id
    assert build("agent.tool_options.stubshell.timeout_s=5").run_id != plain
    assert build("agent.tools=[stubshell,stublook]").run_id != plain
    assert build("agent.tools=[stublook]").run_id != plain
