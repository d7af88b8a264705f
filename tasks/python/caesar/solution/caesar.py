from string import ascii_lowercase, ascii_uppercase


def rotate(text: str, shift: int) -> str:
    """Move each letter shift places along the alphabet."""
    cut = shift % 26
    lower = ascii_lowercase[cut:] + ascii_lowercase[:cut]
    upper = ascii_uppercase[cut:] + ascii_uppercase[:cut]
    table = str.maketrans(ascii_lowercase + ascii_uppercase, lower + upper)
    return text.translate(table)
