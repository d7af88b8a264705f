VALUES = [1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1]
LETTERS = ["M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"]


def to_roman(number: int) -> str:
    """Write a number from 1 to 3999 in Roman numerals."""
    if not 1 <= number <= 3999:
        raise ValueError("number must be from 1 to 3999")
    result = ""
    for value, letters in zip(VALUES, LETTERS, strict=True):
        count, number = divmod(number, value)
        result += letters * count
    return result
