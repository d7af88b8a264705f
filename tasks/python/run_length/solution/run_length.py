import re
from itertools import groupby


def encode(text: str) -> str:
    """Replace each run of equal characters by its length and the character."""
    runs = [(len(list(group)), char) for char, group in groupby(text)]
    return "".join((str(count) if count > 1 else "") + char for count, char in runs)


def decode(code: str) -> str:
    """Turn a code of encode back into the text."""
    runs = re.findall(r"(\d*)(\D)", code)
    return "".join(char * int(count or 1) for count, char in runs)
