"""Trust rules about who answered: that it was one and the same from the first sample to the last."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from llmbench.records.manifest import Manifest
from llmbench.records.record import Record
from llmbench.score.sampler import changed_settings
from llmbench.score.trust.finding import ANEW, Finding, Level, found

_SERVED = (
    "weights_sha256",
    "digest",
    "quantization",
    "chat_template_sha256",
    "endpoint",
    "build",
)
"""What of a server's description must stay as it is for a whole run."""


def mixed_servers(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Notice when more than one model or provider answered."""
    models = sorted({name for record in planned for name in record.models})
    providers = sorted({name for record in planned for name in record.providers})
    mixed = [", ".join(names) for names in (models, providers) if len(names) > 1]
    if not mixed:
        return None
    advice = f"pin one (openrouter: provider.only), {ANEW}"
    return found("one model", Level.RED, f"answers came from {'; '.join(mixed)}", advice)


def changed_weights(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Notice when a resumed run met other weights, another template or another provider than before."""
    for key in _SERVED:
        if len(_told(manifest, key)) > 1:
            level = Level.AMBER if key == "build" else Level.RED
            return found("one server", level, f"{key} changed while the run was resumed", ANEW)
    return None


def mixed_context(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Notice when a resumed run had more room for prompt and answer, or less, than before."""
    sizes = _told(manifest, "context")
    if len(sizes) < 2:
        return None
    text = f"the context changed while the run was resumed: {', '.join(sizes)} tokens"
    return found("one context", Level.AMBER, text, ANEW)


def mixed_sampler(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Notice when the server's own sampler changed, as far as the run does not ask for its own."""
    changed = changed_settings(manifest)
    if not changed:
        return None
    told = "; ".join(f"{name} {', '.join(values)}" for name, values in changed.items())
    advice = f"ask for it (sampling.{next(iter(changed))}=…), or {ANEW}"
    return found("one sampler", Level.RED, f"it changed while the run was resumed: {told}", advice)


def outside_agent(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Say what an outside agent could see and reach, and that it stayed the same."""
    ran = [session.agent for session in manifest.sessions if session.agent.get("program")]
    if not ran:
        return None
    versions = sorted({str(agent.get("version")) for agent in ran})
    sees, reaches = _any(ran, "isolation", "none"), _any(ran, "network", True)
    open_to = [
        *(["this machine's files, where the answers may be"] if sees else []),
        *(["the network"] if reaches else []),
    ]
    what = " ".join(filter(None, (str(ran[-1]["program"]), str(ran[-1].get("version", "")))))
    own = f", with a model of its own ({ran[-1]['model']})" if ran[-1].get("model") else ""
    said = [f"could reach {' and '.join(open_to)}"] if open_to else ["in a box of its own, without a network"]
    if len(versions) > 1:
        said.append(f"its version changed while the run was resumed: {', '.join(versions)}")
    level = Level.RED if sees else Level.AMBER if reaches or len(versions) > 1 else Level.GREEN
    advice = _confined(sees=sees, reaches=reaches)
    return found("outside agent", level, f"{what}{own}: {'; '.join(said)}", advice)


def _confined(*, sees: bool, reaches: bool) -> str:
    if sees:
        return "use agent.isolation=bubblewrap"
    if reaches:
        return "agent.network=false where it works without; else read whether it looked answers up"
    return ANEW


def warned(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Pass on what the parts of the run warned of."""
    texts = list(dict.fromkeys(text for session in manifest.sessions for text in session.warnings))
    if not texts:
        return None
    more = f" (and {len(texts) - 1} more)" if len(texts) > 1 else ""
    advice = "weigh what that means for the score; all stand under Sessions in REPORT.md"
    return found("warnings", Level.AMBER, texts[0] + more, advice)


def known_tasks(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Pass on what the model profile warns of."""
    if not manifest.notice:
        return None
    text = "its profile carries a notice, which stands beside the score"
    return found("model", Level.RED, text, "choose another: llmbench list models")


def unnamed_model(manifest: Manifest, planned: Sequence[Record], total: int) -> Finding | None:
    """Say that nobody named the model, neither on the command line nor on the server."""
    if manifest.names.get("model") != "any" or not any(record.usage.completions for record in planned):
        return None
    text = "nobody named it, and the server does not tell which one it has"
    return found("which model", Level.AMBER, text, "say it: model.name=NAME")


def _told(manifest: Manifest, key: str) -> list[str]:
    """Return what sessions' servers said of themselves, each once, in order."""
    values = (session.server.get(key) for session in manifest.sessions)
    return list(dict.fromkeys(str(value) for value in values if value is not None))


def _any(sessions: Iterable[Mapping[str, Any]], key: str, value: object) -> bool:
    return any(session.get(key) == value for session in sessions)
