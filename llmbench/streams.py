"""Standard streams that print everything: what a terminal's encoding lacks is replaced, and never an error.

Imports nothing heavy, for every command starts with it.
"""

import codecs
import io
import sys
import unicodedata

_ERRORS = "llmbench.replace"
_NEAREST = {
    "✓": "+",
    "✗": "x",
    "·": "-",
    "●": "*",
    "•": "*",
    "…": "...",
    "–": "-",
    "—": "-",
    "−": "-",
    "×": "x",
    "→": "->",
    "←": "<-",
    "≥": ">=",
    "≤": "<=",
    "≈": "~",
    "±": "+-",
    "«": '"',
    "»": '"',
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "━": "-",
    "─": "-",
    "│": "|",
    "█": "#",
    "░": ".",
}
"""What our own words, tables and bars hold, in the letters that every terminal has."""


def replace_what_is_lacking() -> None:
    """Let stdout and stderr replace what their encoding does not have; streams of tests are left alone."""
    codecs.register_error(_ERRORS, _replaced)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_ERRORS)


def _replaced(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(map(_nearest, lacking)), error.end


def _nearest(letter: str) -> str:
    if letter in _NEAREST:
        return _NEAREST[letter]
    # Digits, thin spaces, ligatures and letters with marks have a plain form that says the same.
    plain = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    return plain or "?"
