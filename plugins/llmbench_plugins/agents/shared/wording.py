"""Prompts as people write them in YAML: names in braces are filled in, and long texts cut."""

import re


def filled(template: str, **values: str) -> str:
    """Replace ``{name}`` once each; unlike str.format, other braces may stand in template and values."""
    names = "|".join(values)
    return re.sub(rf"\{{({names})\}}", lambda found: values[found[1]], template) if values else template


def shortened(text: str, limit: int) -> str:
    """Return a text with its middle left out where it is too long."""
    text = text.strip()
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n[… {len(text) - 2 * half} characters left out …]\n{text[-half:]}"
