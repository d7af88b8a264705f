def minutes(text):
    hours, rest = text.split(":")
    return 60 * int(hours) + int(rest)
