def fizzbuzz(limit: int) -> list[str]:
    """Count from 1 to limit with words for multiples of 3 and 5."""
    lines = []
    for number in range(1, limit + 1):
        word = "Fizz" * (number % 3 == 0) + "Buzz" * (number % 5 == 0)
        lines.append(word or str(number))
    return lines
