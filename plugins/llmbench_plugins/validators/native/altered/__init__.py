"""Altered tests: who passes tests whose expectations are wrong has not computed what is right.

For each suite there are sets of alterations: in many tests at once an expected value is another one, so
that the reference fails them, and some tests stay as they are. An answer that has passed the real tests is
run over the tests as a set alters them, in the same way and under the same names: what nobody can tell apart
without the right values must fail, and the rest pass. docs/design/grading.md says what that proves.
"""

from llmbench_plugins.validators.native.altered.holding import AlteredTests, Doubt
from llmbench_plugins.validators.native.altered.places import Rank

__all__ = ["AlteredTests", "Doubt", "Rank"]
