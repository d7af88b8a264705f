"""How wide text is in a terminal."""

import unicodedata

ALIGNMENTS = ("left", "right", "center")
WIDENER = "\ufe0f"
JOINER = "\u200d"


def measured(text):
    """Return the clusters of a text, each with its width."""
    found = []
    for char in text:
        category = unicodedata.category(char)
        if category in ("Cc", "Zl", "Zp"):
            raise ValueError(f"no place in a line: {char!r}")
        before, columns = found[-1] if found else ("", 0)
        joined = grown(before, columns, char, category)
        if joined is None:
            wide = unicodedata.east_asian_width(char) in ("W", "F")
            found.append((char, 2 if wide else 1))
        else:
            found[-1:] = [(before + char, joined)]
    return found


def grown(cluster, columns, char, category):
    """Return how wide a cluster is together with a character; None if that begins a new one."""
    if char == WIDENER:
        return 2 if columns == 1 and len(cluster) == 1 else columns
    if category in ("Mn", "Me", "Cf"):
        return columns
    if category == "Mc":
        return columns + 1
    if columns == 2 and (cluster[-1] == JOINER or "\U0001f3fb" <= char <= "\U0001f3ff"):
        return 2
    if cluster and regional(cluster[0]) and regional(char):
        return 2
    return None


def regional(char):
    """Say whether a character is half of a flag."""
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def clusters(text):
    """Return the parts of a text that must not be taken apart."""
    return [cluster for cluster, _ in measured(text)]


def width(text):
    """Return how many columns a text takes."""
    return sum(columns for _, columns in measured(text))


def cut(text, columns, mark="…"):
    """Return a text, or as much of it as fits with a mark."""
    if width(text) <= columns:
        return text
    room = columns - width(mark)
    if room < 0:
        return start(text, columns)
    return start(text, room).rstrip(" ") + mark


def start(text, columns):
    """Return the clusters that fit."""
    fitting, taken = [], 0
    for cluster, wide in measured(text):
        taken += wide
        if taken > columns:
            break
        fitting.append(cluster)
    return "".join(fitting)


def pad(text, columns, align):
    """Return a text with spaces around it."""
    if align not in ALIGNMENTS:
        raise ValueError(f"unknown alignment: {align!r}")
    spaces = max(0, columns - width(text))
    after = {"left": spaces, "right": 0, "center": spaces // 2}[align]
    return " " * (spaces - after) + text + " " * after
