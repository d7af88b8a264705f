"""How wide text is in a terminal."""


def clusters(text):
    """Return the parts of a text that must not be taken apart."""
    raise NotImplementedError


def width(text):
    """Return how many columns a text takes."""
    raise NotImplementedError


def cut(text, columns, mark="…"):
    """Return a text, or as much of it as fits with a mark."""
    raise NotImplementedError


def pad(text, columns, align):
    """Return a text with spaces around it."""
    raise NotImplementedError
