def encode(text: str) -> str:
    """Replace each run of equal characters by its length and the character."""
    raise NotImplementedError


def decode(code: str) -> str:
    """Turn a code of encode back into the text."""
    raise NotImplementedError
