COINS = (1, 2, 5, 10, 20, 50)


def value(text):
    times, _, coin = text.rpartition(" x ")
    return int(times or 1) * int(coin.rstrip("c"))
