"""What to say where the grader misjudges its own reference, so that nothing of it can be believed."""

from collections.abc import Iterator
from dataclasses import fields

from llmbench.api import Limits, SelfTest
from llmbench.errors import SelfTestError
from llmbench.runner.spec import RunSpec


def untrusted(spec: RunSpec, tested: SelfTest, end: str) -> SelfTestError:
    """Return the error of a failed self-test; ``end`` says what was not done because of it."""
    tight = ", ".join(_tight(spec.box))
    blamed = f" (the box may be too small: {tight})" if tight else ""
    return SelfTestError(
        f"validator '{spec.validator.name}' can't be trusted on this machine: "
        f"{'; '.join(tested.problems)}{blamed}. {end}"
    )


def _tight(box: Limits) -> Iterator[str]:
    """Yield the limits that are lower than usual, as people set them."""
    for each in fields(box):
        value = getattr(box, each.name)
        if value < each.default:
            yield f"box.{each.name}={value:g}, usually {each.default:g}"
