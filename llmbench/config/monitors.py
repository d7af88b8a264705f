"""The monitors that a configuration asks for. They are no part of the run's hash."""

from llmbench import registry
from llmbench.config.check import checked, complaint
from llmbench.config.compose import Composed
from llmbench.config.settings import Settings
from llmbench.errors import UnknownPluginError
from llmbench.runner.spec import Monitoring, Part

AUTO = "auto"


def monitoring(composed: Composed, top: Settings) -> Monitoring:
    """Return what is to watch the machine.

    Raises:
        UsageError: a monitor is unknown, one that is not asked for has options, or an option is wrong.
    """
    auto = top.monitors == AUTO
    named = (top.monitors,) if isinstance(top.monitors, str) else top.monitors
    wanted = tuple(top.monitor_options) if auto else tuple(dict.fromkeys(named))
    for name in top.monitor_options:
        if name not in wanted:
            known = ", ".join(wanted) or "none"
            text = f"{_key(top, name)}: '{name}' is not among the chosen monitors: {known}"
            raise complaint(text, composed)
    parts = tuple(_part(composed, top, name, auto=auto) for name in wanted)
    return Monitoring(parts=parts, auto=auto, interval_s=top.monitor_interval_ms / 1000)


def _part(composed: Composed, top: Settings, name: str, *, auto: bool) -> Part:
    try:
        kind = registry.load("monitor", name)
    except UnknownPluginError as error:
        key = _key(top, name) if auto else "monitors"
        raise UnknownPluginError(str(complaint(f"{key}: {error}", composed))) from error
    given = top.monitor_options.get(name, {})
    options = checked(kind.Options, given, f"monitor_options.{name}", composed)
    return Part(name=name, options=options, provider=str(registry.provider("monitor", name)))


def _key(top: Settings, name: str) -> str:
    """Return the first key that was set for a monitor, so that the complaint can say who set it."""
    return ".".join(["monitor_options", name, *list(top.monitor_options[name])[:1]])
