"""A stub distribution with a plugin for every axis, installed as a real one would be: by its metadata."""

import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

_PLUGINS = """
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from llmbench import api
from llmbench.api import option


@dataclass(frozen=True, slots=True)
class Source:
    path: str
    context: Annotated[int, option(ge=512)] = 4096
    slots: Annotated[int, option(identity=False)] = 1


@dataclass(frozen=True, slots=True)
class BackendOptions:
    source: Source
    flavour: str = "plain"
    port: Annotated[int | None, option(identity=False)] = None
    api_key_env: str = ""


@dataclass(frozen=True, slots=True)
class DatasetOptions:
    path: str | None = None


@dataclass(frozen=True, slots=True)
class DockerOptions:
    ca_bundle: str | None = None
    image: str = "base"


class StubBackend(api.Backend):
    Options = BackendOptions


class Sourceless(api.Backend):
    pass


class StubAgent(api.Agent):
    pass


@dataclass(frozen=True, slots=True)
class CallerOptions:
    tools: tuple[str, ...] = ()
    tool_options: dict[str, dict] = field(default_factory=dict)


class Caller(api.Agent):
    Options = CallerOptions


@dataclass(frozen=True, slots=True)
class ShellOptions:
    timeout_s: Annotated[float, option(gt=0)] = 30.0


class Shell(api.Tool):
    Options = ShellOptions


class Look(api.Tool):
    pass


class StubDataset(api.Dataset):
    Options = DatasetOptions


class StubValidator(api.Validator):
    pass


class StubDocker(api.Sandbox):
    Options = DockerOptions


class StubLocal(api.Sandbox):
    pass
"""

_ENTRY_POINTS = """
[llmbench.backends]
stub = llmbench_stub.plugins:StubBackend
sourceless = llmbench_stub.plugins:Sourceless
broken = llmbench_stub.missing:Backend
notone = llmbench_stub.plugins:StubAgent
[llmbench.agents]
stub = llmbench_stub.plugins:StubAgent
caller = llmbench_stub.plugins:Caller
[llmbench.tools]
stubshell = llmbench_stub.plugins:Shell
stublook = llmbench_stub.plugins:Look
[llmbench.datasets]
stub = llmbench_stub.plugins:StubDataset
[llmbench.validators]
stub = llmbench_stub.plugins:StubValidator
other = llmbench_stub.plugins:StubValidator
[llmbench.sandboxes]
stubdocker = llmbench_stub.plugins:StubDocker
stublocal = llmbench_stub.plugins:StubLocal
[llmbench.conf]
stub = llmbench_stub.conf
"""

_CONF = {
    "backend/stub": "name: stub\nflavour: plain\n",
    "backend/sourceless": "name: sourceless\n",
    "backend/broken": "name: broken\n",
    "backend/notone": "name: notone\n",
    "agent/stub": "name: stub\n",
    "agent/caller": "name: caller\ntools: [stublook, stubshell]\ntool_options: {}\n",
    "dataset/stub": """
        defaults: [{override /validator@_global_.validator: stub}, _self_]
        name: stub
        path: null
        """,
    "validator/stub": "name: stub\n",
    "validator/other": "name: other\n",
    "model/stub": """
        name: org/stub
        description: nothing real
        sampling: {temperature: 0.7, top_p: 0.9, source: its card}
        reasoning: {answer_tokens: 100}
        sources:
          stub: {path: weights.bin, context: 1024}
        """,
    "model/fallback": "name: fallback\nsources: {default: {path: any.bin}}\n",
    "model/nosource": "name: nosource\nsources: {elsewhere: {path: x}}\n",
    "sandbox/stub": "name: auto\ncandidates: [stubdocker, stublocal]\nca_bundle: null\n",
    "sandbox/stubdocker": "name: stubdocker\n",
}


def install(site: Path, name: str, version: str, entry_points: str) -> None:
    """Write the metadata that makes a folder on ``sys.path`` an installed distribution."""
    folder = site / f"{name.replace('-', '_')}-{version}.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (folder / "entry_points.txt").write_text(textwrap.dedent(entry_points))


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on ``sys.path`` that holds the stub distribution."""
    site = tmp_path / "site"
    install(site, "llmbench-stub", "1.2", _ENTRY_POINTS)
    package = site / "llmbench_stub"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "plugins.py").write_text(_PLUGINS)
    for name, text in _CONF.items():
        path = package / "conf" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
    monkeypatch.syspath_prepend(site)
    yield site
    for module in [name for name in sys.modules if name.partition(".")[0] == "llmbench_stub"]:
        del sys.modules[module]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, site: Path) -> Path:
    """An empty current folder, with the stub distribution installed."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


STUB = ("backend=stub", "model=stub", "agent=stub", "dataset=stub", "sandbox=stub")


@pytest.fixture
def stub() -> tuple[str, ...]:
    """Overrides that choose the stub on every axis."""
    return STUB
