"""A run as a browser may see it: nothing in its settings that could be a secret."""

from dataclasses import replace

from llmbench.records.manifest import Manifest, Session
from llmbench.report.read import Run
from llmbench.serve.shown import shown, shown_text, shown_word


def public(run: Run) -> Run:
    """Return a run without what may be secret in its settings and in what its commands noted."""
    return replace(run, manifest=_manifest(run.manifest))


def _manifest(manifest: Manifest) -> Manifest:
    return replace(
        manifest,
        config=shown(manifest.config),
        overrides=tuple(map(shown_word, manifest.overrides)),
        dataset=shown(manifest.dataset),
        sessions=tuple(map(_session, manifest.sessions)),
    )


def _session(session: Session) -> Session:
    return replace(
        session,
        server=shown(session.server),
        agent=shown(session.agent),
        machine=shown(session.machine),
        warnings=tuple(map(shown_text, session.warnings)),
    )
