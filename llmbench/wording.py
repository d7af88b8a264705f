"""Numbers in sentences, the same wherever one is printed."""


def grouped(number: int) -> str:
    """Return a whole number with thin spaces between groups of digits: ``12 345``."""
    return f"{number:,}".replace(",", "\u202f")


def plural(number: int, one: str, many: str = "") -> str:
    """Return ``1 sample`` or ``2 samples``."""
    return f"{grouped(number)} {one if number == 1 else many or one + 's'}"
