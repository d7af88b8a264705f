"""What programs in boxes say, as one may show it, keep it and send it on."""

import re

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_LONGEST = 300
_TELLING = re.compile(
    r"(?:panic|fatal error|terminate called|thread '.*' panicked|Exception in thread|Caused by)\b|what\(\):"
    r"|[\w.$]*(?:Error|Exception|Exit|Interrupt)\b"
)
"""How lines begin in which programs of our languages say why they end."""
_AROUND = re.compile(r"(?:[|+ ]*[|+][ -]?)?(?=\S)")
"""What stands before the lines of a group of exceptions."""
_NO_REASON = ("Traceback", "Exception Group Traceback", "ImportError: Failed to import test module")
"""How lines begin that say only that something follows; the last is unittest's."""


def printable(text: str) -> str:
    r"""Return ``text`` with controls and halves of characters as Python writes them: ``\x1b``.

    Newlines and tabs stay, a newline of Windows becomes one, and colours go.
    """
    plain = _COLOUR.sub("", text.replace("\r\n", "\n"))
    return _CONTROL.sub(lambda found: ascii(found[0])[1:-1], plain)


def one_line(text: str, longest: int = _LONGEST) -> str:
    """Return ``text`` as one line of a readable length."""
    return " ".join(printable(text[: 4 * longest]).split())[:longest]


def last_words(text: str) -> str:
    """Return the line in which a program that ended early says why, or else its last one; cut for people."""
    lines = [line.strip() for line in text[-10 * 1000 :].splitlines() if line.strip()]
    telling = [line for line in lines if _TELLING.match(line)]
    return one_line((telling or lines or [""])[-1], 200)


def telling_line(text: str) -> str:
    """Return the line of a traceback that says what was wrong."""
    lines = [_AROUND.sub("", line, count=1) for line in text.splitlines()]
    telling = [line.strip() for line in lines if line.strip() and not line.startswith((" ", *_NO_REASON))]
    return one_line((telling or [text.strip()])[0], 200)
