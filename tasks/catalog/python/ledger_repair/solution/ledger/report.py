"""What the books say."""


def covers(account, other):
    """Say whether an account is another one, or above it."""
    return other == account or other.startswith(account + ":")


def dated(book):
    """Return date, number and lines of all entries, in the order of dates."""
    return sorted(
        [book.entry(number)[0], number, book.entry(number)[1]] for number in range(1, len(book) + 1)
    )


def covered(account, lines):
    """Return the sum of the lines that an account covers."""
    return sum(cents for other, cents in lines if covers(account, other))


def balance(book, account, date=None):
    """Return the balance of an account at the end of a date."""
    return sum(covered(account, lines) for when, _, lines in dated(book) if date is None or when <= date)


def statement(book, account, start, end):
    """Return how the balance of an account came about."""
    entries = dated(book)
    total = sum(covered(account, lines) for when, _, lines in entries if when < start)
    rows = [["", 0, 0, total]]
    for when, number, lines in entries:
        change = covered(account, lines)
        if start <= when <= end and change != 0:
            total += change
            rows.append([when, number, change, total])
    return rows


def trial(book, date=None):
    """Return the balances of all accounts that have one."""
    totals = {}
    for when, _, lines in dated(book):
        if date is None or when <= date:
            for account, cents in lines:
                totals[account] = totals.get(account, 0) + cents
    return [[account, cents] for account, cents in sorted(totals.items()) if cents != 0]
