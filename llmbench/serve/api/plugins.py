"""``GET /api/plugins``: what is installed on each axis."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from llmbench import registry
from llmbench.serve.answers import answer

router = APIRouter(tags=["choices"])


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginLine:
    """A plugin, and who brings it."""

    axis: str
    name: str
    distribution: str
    version: str
    value: str
    """What its entry point names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugins:
    """All plugins, by axis and name."""

    axes: Sequence[str]
    plugins: Sequence[PluginLine]


@router.get("/api/plugins", response_model=Plugins)
def plugins(request: Request) -> Response:
    """Return the plugins of every axis; none is imported."""
    found = [plugin for axis in registry.AXES for plugin in registry.installed(axis)]
    return answer(request, Plugins(axes=list(registry.AXES), plugins=[_line(plugin) for plugin in found]))


def _line(plugin: registry.Provider) -> PluginLine:
    return PluginLine(
        axis=plugin.axis,
        name=plugin.name,
        distribution=plugin.distribution,
        version=plugin.version,
        value=plugin.value,
    )
