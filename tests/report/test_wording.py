"""Numbers in sentences."""

import pytest

from llmbench.wording import plural


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (0, "0 samples"),
        (1, "1 sample"),
        (2, "2 samples"),
        (1236, "1\u202f236 samples"),
        (10**6, "1\u202f000\u202f000 samples"),
    ],
)
def test_one_is_one_and_digits_stand_in_groups(number: int, told: str) -> None:
    assert plural(number, "sample") == told


def test_a_plural_of_its_own() -> None:
    assert [plural(number, "try", "tries") for number in (1, 3)] == ["1 try", "3 tries"]
