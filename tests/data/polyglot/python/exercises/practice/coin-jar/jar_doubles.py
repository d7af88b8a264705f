class Paper:
    """Stands for a file."""

    def __init__(self):
        self.lines = []

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return False

    def write(self, line):
        self.lines.append(line)
        return len(line)
