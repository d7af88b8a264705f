def minutes(text):
    return int(text[0]) + int(text[2:])
