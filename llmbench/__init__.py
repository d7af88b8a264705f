"""llmbench measures how well language models write code, and says how far the number can be believed."""

__version__ = "0.1.0"
