"""What an answer of a compiled language may not do, as it reaches for the tests whose process it shares.

Each door is shut by one module, which says in one line what it found. What honest code does is never
refused; what forged answers do beyond that is for other means to find (docs/design/grading.md).
"""
