"""The mutator is a script with a folder beside it, and no part of an installation."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))
