from collections import Counter, namedtuple

from coins import COINS

Count = namedtuple("Count", "coin times")


class EmptyJar(Exception):
    pass


class Jar:
    def __init__(self, *coins):
        self._coins = []
        self._listeners = []
        for coin in coins:
            self.put(coin)

    def put(self, coin):
        if coin not in COINS:
            raise ValueError("no such coin")
        self._coins.append(coin)
        for listener in self._listeners:
            listener(sum(self._coins))

    def on_coin(self, listener):
        self._listeners.append(listener)

    def off_coin(self, listener):
        self._listeners.remove(listener)

    def pay(self, cents):
        if cents > sum(self._coins):
            raise EmptyJar(f"only {sum(self._coins)} left")
        taken = []
        for coin in sorted(self._coins, reverse=True):
            if coin <= cents:
                cents -= coin
                taken.append(coin)
        for coin in taken:
            self._coins.remove(coin)
        return taken

    def best(self):
        return Count(*Counter(self._coins).most_common(1)[0])

    def pour(self, name):
        with open(name, "w") as file:
            for coin in self._coins:
                file.write(f"{coin}\n")
        return len(self._coins)

    def __len__(self):
        return len(self._coins)

    def __iter__(self):
        return iter(self._coins)

    def __eq__(self, other):
        if not isinstance(other, Jar):
            return NotImplemented
        return sorted(self._coins) == sorted(other._coins)

    def __add__(self, other):
        return Jar(*self._coins, *other._coins)
