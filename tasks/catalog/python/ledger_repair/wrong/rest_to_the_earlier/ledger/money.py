"""Amounts of money, in cents."""

import re

AMOUNT = re.compile(r"(-?)([0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.([0-9]{1,2}))?")


def parse(text):
    """Return the cents of an amount that is written out."""
    found = AMOUNT.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is no amount")
    sign, whole, part = found.groups()
    cents = int(whole.replace(",", "")) * 100 + int((part or "").ljust(2, "0"))
    return -cents if sign else cents


def show(cents):
    """Write an amount out."""
    whole, part = divmod(abs(cents), 100)
    sign = "-" if cents < 0 else ""
    return f"{sign}{whole:,}.{part:02}"


def split(cents, weights):
    """Divide an amount by weights."""
    total = sum(weights)
    if total == 0:
        raise ValueError("there is nothing to divide by")
    if cents < 0:
        return [-part for part in split(-cents, weights)]
    parts = [cents * weight // total for weight in weights]
    lost = [cents * weight % total for weight in weights]
    by_loss = sorted(range(len(weights)), key=lambda index: -lost[index])
    for index in by_loss[: cents - sum(parts)]:
        parts[index] += 1
    return parts
