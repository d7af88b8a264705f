COINS = ()


def value(text):
    pass
