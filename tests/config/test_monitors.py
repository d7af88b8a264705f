"""Which monitors a configuration asks for."""

from collections.abc import Callable
from pathlib import Path

import pytest

from llmbench.config.arguments import parse
from llmbench.config.build import build_spec
from llmbench.config.compose import compose
from llmbench.errors import UsageError
from llmbench.runner.spec import Monitoring
from llmbench_plugins.monitors.nvidia.monitor import NvidiaOptions

Ask = Callable[..., Monitoring]


@pytest.fixture
def monitoring(here: Path, stub: tuple[str, ...]) -> Ask:
    def monitoring(*overrides: str) -> Monitoring:
        return build_spec(compose(parse([*stub, *overrides]))).monitoring

    return monitoring


def test_all_that_work_here_watch_by_default(monitoring: Ask) -> None:
    assert monitoring() == Monitoring(parts=(), auto=True, interval_s=0.5)


@pytest.mark.parametrize("words", ["monitors=process", "monitors=[process]", "monitors=[process,process]"])
def test_monitors_are_named(monitoring: Ask, words: str) -> None:
    found = monitoring(words, "monitor_interval_ms=250")
    assert [part.name for part in found.parts] == ["process"]
    assert (found.auto, found.interval_s, found.is_wanted) == (False, 0.25, True)


def test_none_may_watch(monitoring: Ask) -> None:
    assert not monitoring("monitors=[]").is_wanted


def test_options_are_given_by_name(monitoring: Ask) -> None:
    found = monitoring("monitor_options.nvidia.devices=[1]")
    assert found.auto
    assert [(part.name, part.options) for part in found.parts] == [("nvidia", NvidiaOptions(devices=(1,)))]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["monitors=[nvdia]"], "monitors: no monitor 'nvdia'; did you mean 'nvidia'? installed: apple,"),
        (["monitors=3"], "monitors: expected text or a list, got 3 (command line)"),
        (["monitor_interval_ms=5"], "monitor_interval_ms: expected an integer ≥ 100, got 5 (command line)"),
        (["monitor_options.desk.x=1"], "monitor_options.desk.x: no monitor 'desk'; installed: apple,"),
        (
            ["monitor_options.nvidia.device=1"],
            "monitor_options.nvidia.device: unknown option; did you mean 'devices'? known: devices",
        ),
        (
            ["monitors=[process]", "monitor_options.nvidia.devices=[1]"],
            "monitor_options.nvidia.devices: 'nvidia' is not among the chosen monitors: process",
        ),
    ],
)
def test_mistakes_name_their_key(monitoring: Ask, words: list[str], expected: str) -> None:
    with pytest.raises(UsageError) as caught:
        monitoring(*words)
    assert str(caught.value).startswith(expected)
