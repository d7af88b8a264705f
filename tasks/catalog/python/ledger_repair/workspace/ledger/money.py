"""Amounts of money, in cents."""

import re

AMOUNT = re.compile(r"(-?)(\d{1,3}(?:,?\d{3})*|\d+)(?:\.(\d{1,2}))?$")


def parse(text):
    """Return the cents of an amount that is written out."""
    found = AMOUNT.match(text)
    if not found:
        raise ValueError(f"{text!r} is no amount")
    sign, whole, part = found.groups()
    cents = int(sign + whole.replace(",", "")) * 100
    rest = int((part or "0").rjust(2, "0"))
    return cents - rest if cents < 0 else cents + rest


def show(cents):
    """Write an amount out."""
    whole, part = divmod(cents, 100)
    return f"{whole:,}.{part:02}"


def split(cents, weights):
    """Divide an amount by weights."""
    total = sum(weights)
    if total == 0:
        raise ValueError("there is nothing to divide by")
    parts = [cents * weight // total for weight in weights]
    lost = [cents * weight % total for weight in weights]
    by_loss = sorted(range(len(weights)), key=lambda index: -lost[index])
    for index in by_loss[: cents - sum(parts)]:
        parts[index] += 1
    return parts
