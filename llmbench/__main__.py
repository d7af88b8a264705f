"""``python -m llmbench``."""

import sys

from llmbench.cli import main

if __name__ == "__main__":
    sys.exit(main())
