"""``GET /api/runs/DATASET/NAME``: what a run is, what came of it, and whether that can be believed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response

from llmbench.records.manifest import Manifest, Session
from llmbench.records.status import read_status
from llmbench.report.facts import by_weight
from llmbench.serve.answers import answer
from llmbench.serve.api.asked import NamePart
from llmbench.serve.parts import RunsPart
from llmbench.serve.run_lines import RunLine, run_line
from llmbench.serve.shown import shown, shown_text, shown_word
from llmbench.serve.states import status_data

router = APIRouter(tags=["runs"])


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingLine:
    """What a rule found about the number."""

    rule: str
    level: str
    text: str
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLine:
    """A command that worked on the run."""

    started: str
    ended: str
    interrupted: bool
    stopped: str
    llmbench: str
    sandbox: str
    server: Mapping[str, Any]
    agent: Mapping[str, Any]
    machine: Mapping[str, Any]
    warnings: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run."""

    line: RunLine
    status: dict[str, Any] | None
    """What its command says of itself (`llmbench.status/1`); null where it says nothing."""
    trust: Sequence[FindingLine]
    """What speaks against the number, the weightiest first."""
    summary: dict[str, Any]
    """As `summary.json` has it (`llmbench.summary/1`)."""
    damage: Sequence[str]
    names: Mapping[str, str]
    providers: Mapping[str, str]
    settings: dict[str, Any]
    """The composed configuration, without what may be secret."""
    overrides: Sequence[str]
    dataset: dict[str, Any]
    sessions: Sequence[SessionLine]


@router.get("/api/runs/{dataset}/{name}", response_model=Run)
def run(request: Request, runs: RunsPart, name: NamePart) -> Response:
    """Return a run: summary, trust findings, settings, and what it is doing."""
    row, opened = runs.row(name), runs.opened(name).run
    manifest = opened.manifest
    found = Run(
        line=run_line(runs, row),
        status=status_data(read_status(opened.folder)),
        trust=[
            FindingLine(
                rule=one.rule, level=str(one.level), text=shown_text(one.text), advice=shown_text(one.advice)
            )
            for one in by_weight(opened.summary.trust)
        ],
        summary=shown(msgspec.to_builtins(opened.summary)),
        damage=shown(opened.damage),
        **_settings(manifest),
        sessions=[_session(one) for one in manifest.sessions],
    )
    return answer(request, found)


def _settings(manifest: Manifest) -> dict[str, Any]:
    return {
        "names": shown(manifest.names),
        "providers": shown(manifest.providers),
        "settings": shown(manifest.config),
        "overrides": [shown_word(word) for word in manifest.overrides],
        "dataset": shown(manifest.dataset),
    }


def _session(one: Session) -> SessionLine:
    return SessionLine(
        started=one.started,
        ended=one.ended,
        interrupted=one.interrupted,
        stopped=shown_text(one.stopped),
        llmbench=shown_text(one.llmbench),
        sandbox=shown_text(one.sandbox),
        server=shown(one.server),
        agent=shown(one.agent),
        machine=shown(one.machine),
        warnings=shown(one.warnings),
    )
