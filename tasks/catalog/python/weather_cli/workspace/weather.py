"""Answers questions about readings of weather stations."""

import sys


def main(args):
    """Run a command and return the exit code."""
    raise NotImplementedError


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
