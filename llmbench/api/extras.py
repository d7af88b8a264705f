"""How to get what an extra of llmbench's own package brings, worded in one place."""


def installing(extra: str) -> str:
    """Return the command that installs an extra: ``installing("embedded")``.

    llmbench is on no package index yet, so it is its own folder, or wheel, that is installed again.
    """
    return f"pip install '.[{extra}]' in llmbench's folder"
