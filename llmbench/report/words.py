"""Numbers and foreign text as people read them: unknown is "not measured", and no text acts on a terminal."""

import re
import unicodedata

from llmbench.score.passk import Interval
from llmbench.wording import plural as plural

UNKNOWN = "not measured"

LEVELS = {"red": "problem", "amber": "caution", "green": "ok"}
"""A finding's level in a word, for those who see no colour."""

_SUSPECT = re.compile(r"[^\n\t\x20-\x7e]")
_INVISIBLE = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Unicode categories that steer a terminal, turn the direction of what follows, or can't be seen."""
_JOINERS = "\u200c\u200d"
"""Invisible too, and part of honest words and emoji."""


def inert(text: str) -> str:
    """Return ``text`` with control characters made visible: they could steer a terminal or hide words."""
    if text.isascii() and text.isprintable():  # what most texts are, a hundred thousand times a report
        return text
    return _SUSPECT.sub(_visible, text.replace("\r\n", "\n"))


def _visible(found: re.Match[str]) -> str:
    code = ord(found[0])
    if unicodedata.category(found[0]) not in _INVISIBLE or found[0] in _JOINERS:
        return found[0]
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"\\u{code:04x}"


def one_line(text: str, longest: int = 160) -> str:
    """Return ``text`` as one inert line of at most ``longest`` characters."""
    line = " ".join(inert(text).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def percent(share: float) -> str:
    """Return a share as ``80.0 %``."""
    return f"{100 * share:.1f} %"


def span(interval: Interval) -> str:
    """Return an interval of shares as ``49.0–94.3``, in percent."""
    return f"{100 * interval.low:.1f}–{100 * interval.high:.1f}"


def points(interval: Interval) -> str:
    """Return an interval of differences in points: ``-1.2 to +8.3``."""
    return f"{signed(interval.low)} to {signed(interval.high)}"


def signed(share: float) -> str:
    """Return a difference of shares in points: ``+3.4``, ``-0.2``, ``0.0``."""
    return f"{100 * share:+.1f}" if round(100 * share, 1) else "0.0"


def ranged(share: float, interval: Interval | None) -> str:
    """Return a share with its interval: ``80.0 % [49.0–94.3], 95 % interval``."""
    return percent(share) if interval is None else f"{percent(share)} [{span(interval)}], 95 % interval"


def count(number: float | None) -> str:
    """Return a whole number with thin groups of digits: ``12 345``."""
    return UNKNOWN if number is None else f"{number:,.0f}".replace(",", "\u202f")


def speed(tokens_per_s: float | None) -> str:
    """Return a speed in tokens a second."""
    if tokens_per_s is None:
        return UNKNOWN
    digits = 0 if tokens_per_s >= 100 else 1
    return f"{tokens_per_s:.{digits}f} tokens/s"


def seconds(value: float | None) -> str:
    """Return a duration: ``12 ms``, ``3.4 s``, ``2 min 05 s``, ``1 h 02 min``."""
    if value is None:
        return UNKNOWN
    if value < 0.9995:
        return f"{1000 * value:.0f} ms"
    if value < 59.95:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest:02} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"


def money(usd: float) -> str:
    """Return a price: ``$1.25``, small ones with four digits."""
    return f"${usd:.2f}" if usd >= 1 else f"${usd:.4f}"


def megabytes(value: float | None) -> str:
    """Return an amount of memory: ``812 MB``, ``23.1 GB``."""
    if value is None:
        return UNKNOWN
    return f"{value:.0f} MB" if value < 1000 else f"{value / 1024:.1f} GB"


def energy(joules: float | None) -> str:
    """Return an energy: ``840 J``, ``12.3 kJ (3.42 Wh)``, ``4.1 MJ (1.14 kWh)``."""
    if joules is None:
        return UNKNOWN
    if joules < 1000:
        return f"{joules:.3g} J"
    hours = joules / 3600
    told = f"{hours:.3g} Wh" if hours < 1000 else f"{hours / 1000:.3g} kWh"
    return f"{joules / 1e3:.1f} kJ ({told})" if joules < 1e6 else f"{joules / 1e6:.1f} MJ ({told})"
