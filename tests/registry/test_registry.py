import importlib.metadata
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from llmbench import registry
from llmbench.errors import BrokenPluginError, UnknownPluginError

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Installs a distribution: its metadata, and one module."""
    before = set(sys.modules)

    def install(name: str, entry_points: str, module: str = "") -> None:
        site = tmp_path / name
        metadata = site / f"{name}-2.0.dist-info"
        metadata.mkdir(parents=True)
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 2.0\n")
        (metadata / "entry_points.txt").write_text(textwrap.dedent(entry_points))
        (site / f"{name}_module.py").write_text(textwrap.dedent(module))
        monkeypatch.syspath_prepend(site)

    yield install
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_what_ships_in_the_box_is_found_by_its_entry_points() -> None:
    assert {"docker", "bubblewrap", "local"} <= set(registry.names("sandbox"))
    plugin = registry.provider("agent", "oracle")
    assert plugin.distribution == "llmbench"
    assert str(plugin) == f"llmbench {importlib.metadata.version('llmbench')}"
    assert plugin.value == "llmbench_plugins.agents.oracle:Oracle"


def test_reading_names_imports_no_plugin(install: Install) -> None:
    install("lazy", "[llmbench.backends]\nlazy = lazy_module:Backend\n", "raise RuntimeError")
    assert "lazy" in registry.names("backend")
    assert str(registry.provider("backend", "lazy")) == "lazy 2.0"
    assert "lazy_module" not in sys.modules


def test_a_fresh_install_is_seen_at_once(install: Install) -> None:
    assert "late" not in registry.names("agent")
    registry.load("agent", "oracle")
    install(
        "late",
        "[llmbench.agents]\nlate = late_module:Late\n",
        "from llmbench.api import Agent\nclass Late(Agent): ...\n",
    )
    assert registry.load("agent", "late").__name__ == "Late"


def test_an_unknown_name_says_what_is_installed() -> None:
    with pytest.raises(UnknownPluginError, match="no agent 'orcale'; did you mean 'oracle'\\? installed: "):
        registry.load("agent", "orcale")
    with pytest.raises(UnknownPluginError, match="no agent 'zzz'; installed: "):
        registry.load("agent", "zzz")


def test_a_name_that_two_distributions_claim_names_both(install: Install) -> None:
    install("one", "[llmbench.agents]\nsame = one_module:A\n")
    install("two", "[llmbench.agents]\nsame = two_module:A\n")
    with pytest.raises(BrokenPluginError) as caught:
        registry.load("agent", "same")
    assert str(caught.value) == (
        "agent 'same' is provided more than once: one 2.0 (one_module:A), two 2.0 (two_module:A); "
        "uninstall one"
    )
    assert [plugin.distribution for plugin in registry.installed("agent") if plugin.name == "same"] == [
        "one",
        "two",
    ]


@pytest.mark.parametrize(
    ("axis", "module", "expected"),
    [
        ("agent", "import nothing_of_that_name", "can't be imported (ModuleNotFoundError: No module named"),
        ("agent", "raise SystemError('odd')", "can't be imported (SystemError: odd)"),
        ("agent", "", "can't be imported (AttributeError"),
        ("agent", "X = 3", "is 3; expected a subclass of llmbench.api.Agent"),
        ("agent", "from llmbench.api import Backend as X", "expected a subclass of llmbench.api.Agent"),
        ("toolchain", "X = 3", "is 3; expected an instance of llmbench.api.Toolchain"),
        (
            "agent",
            "from llmbench.api import Agent\nclass X(Agent): api_version = 0",
            "was written for version 0 of the plugin API, and this llmbench has version 1; update bad",
        ),
    ],
)
def test_a_broken_plugin_names_its_distribution(
    install: Install, axis: str, module: str, expected: str
) -> None:
    install("bad", f"[{registry.AXES[axis]}]\nx = bad_module:X\n", module)
    with pytest.raises(BrokenPluginError) as caught:
        registry.load(axis, "x")
    assert str(caught.value).startswith(f"{axis} 'x' of bad 2.0 ")
    assert expected in str(caught.value)


_FAULTY = """
from llmbench.api import {base}

class Faulty({base}):
    def __init__(self):
        pass

    def __getattr__(self, name):
        return {{}}["stdout.txt"]

Faulty.__abstractmethods__ = frozenset()
"""


@pytest.mark.parametrize("axis", ["backend", "agent", "dataset", "validator", "sandbox", "tool", "monitor"])
def test_an_error_nobody_raised_on_purpose_names_its_plugin(axis: str, install: Install) -> None:
    group = registry.AXES[axis]
    install("faulty", f"[{group}]\nfaulty = faulty_module:Faulty\n", _FAULTY.format(base=axis.capitalize()))
    faulty = registry.load(axis, "faulty")()
    with pytest.raises(KeyError) as caught:
        _ = faulty.whatever
    assert registry.explained(caught.value) == f"{axis} 'faulty' of faulty 2.0: KeyError: 'stdout.txt'"


def test_an_error_of_the_core_is_nobody_elses(install: Install) -> None:
    module = "from llmbench import registry\ndef ask():\n    registry.load('nothing', 'x')\n"
    install("asking", "[llmbench.agents]\nasking = asking_module:ask\n", module)
    from asking_module import ask  # type: ignore[import-not-found]

    with pytest.raises(KeyError) as caught:
        ask()
    assert registry.culprit(caught.value) == ""
