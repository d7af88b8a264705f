"""What can be done with values before they are shown."""

MISSING = object()


def shown(value):
    """Return a value as text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (str, int)):
        return str(value)
    raise ValueError("lists and dictionaries can't be shown")


def escaped(text):
    """Return a text as HTML."""
    for char, entity in (("&", "amp"), ("<", "lt"), (">", "gt"), ('"', "quot"), ("'", "#39")):
        text = text.replace(char, f"&{entity};")
    return text


def of_kind(value, *kinds):
    """Return a value if it is of one of these kinds, exactly."""
    if type(value) not in kinds:
        raise ValueError("this is no " + " or ".join(kind.__name__ for kind in kinds))
    return value


def default(value, other):
    """Return something else for what is not there."""
    return other if value is MISSING or not value else value


def pad(value, width):
    """Fill with spaces."""
    text = shown(value)
    return text.rjust(width) if of_kind(width, int) > 0 else text.ljust(-width)


FILTERS = {
    "upper": (0, lambda value: of_kind(value, str).upper()),
    "lower": (0, lambda value: of_kind(value, str).lower()),
    "trim": (0, lambda value: of_kind(value, str).strip()),
    "default": (1, default),
    "join": (1, lambda value, sep: of_kind(sep, str).join(shown(item) for item in of_kind(value, list))),
    "count": (0, lambda value: len(of_kind(value, str, list, dict))),
    "pad": (1, pad),
    "raw": (0, shown),
}
