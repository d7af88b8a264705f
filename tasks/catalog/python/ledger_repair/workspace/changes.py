"""Changes lists that a book has been given, and has returned. Leave this file as it is."""


def entry_after_changes(book):
    """Return entry 1 of a new book after its caller has changed all lists that it can."""
    lines = [["a", 5], ["b", -5]]
    number = book.post("2024-01-01", lines)
    lines[0][1] = 99
    lines.append(["c", 1])
    date_and_lines = book.entry(number)
    date_and_lines[0] = "never"
    date_and_lines[1][1][0] = "z"
    date_and_lines[1].append(["d", 2])
    return book.entry(number)
