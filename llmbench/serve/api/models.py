"""``GET /api/models``: the models that have a profile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from fastapi import APIRouter, Request, Response

from llmbench.api.text import read_text
from llmbench.config.sources import Choice, find_sources
from llmbench.errors import UsageError
from llmbench.serve.answers import answer

router = APIRouter(tags=["choices"])


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelLine:
    """A profile: what `model=NAME` takes."""

    name: str
    description: str
    notice: str
    """What stands beside its scores."""
    backends: Sequence[str]
    """Those that the profile names weights or a name for."""
    provider: str
    """The distribution that brings it, or who added it."""
    problem: str
    """Why it can't be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """All profiles, by name."""

    models: Sequence[ModelLine]


@router.get("/api/models", response_model=Models)
def models(request: Request) -> Response:
    """Return the models that have a profile; a server's other models can be named too."""
    return answer(request, Models(models=[_line(one) for one in find_sources().choices("model").values()]))


def _line(choice: Choice) -> ModelLine:
    data, problem = _content(choice)
    sources = data.get("sources")
    return ModelLine(
        name=choice.name,
        description=str(data.get("description") or ""),
        notice=str(data.get("notice") or ""),
        backends=sorted(map(str, sources)) if isinstance(sources, Mapping) else [],
        provider=choice.source.provider,
        problem=problem,
    )


def _content(choice: Choice) -> tuple[Mapping[str, Any], str]:
    try:
        return _read(choice.path, choice.path.stat().st_mtime_ns), ""
    except (OSError, UsageError, yaml.YAMLError) as error:
        return {}, " ".join(str(error).split())


@lru_cache(maxsize=1000)
def _read(path: Path, changed: int) -> Mapping[str, Any]:
    """Read a profile, as it was at that time: YAML is slow, and a page asks for all of them."""
    data = yaml.safe_load(read_text(path, path.name))
    return data if isinstance(data, dict) else {}
