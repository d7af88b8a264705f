class EmptyJar(Exception):
    pass


class Jar:
    def __init__(self, *coins):
        pass
