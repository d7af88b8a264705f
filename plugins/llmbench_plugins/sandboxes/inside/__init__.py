"""What runs inside containers, where llmbench is not: only the standard library, and Python 3.9 syntax."""
