"""What is shown of tests: no timings, paths, colours or controls."""

import pytest

from llmbench_plugins.validators.native.clean import cleaned


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("✓ holds coins (12 ms)", "✓ holds coins"),
        ("--- FAIL: TestLeap (0.00s)", "--- FAIL: TestLeap"),
        ("FAIL\tleap\t0.003s", "FAIL\tleap"),
        ("test result: FAILED. 1 failed; finished in 0.04s", "test result: FAILED. 1 failed"),
        ('File "/box/leap.py", line 3', 'File "leap.py", line 3'),
        ("at /tmp/tmpab12/leap.js:3:1", "at leap.js:3:1"),
        ("<Jar object at 0x7f3a5c2d1e80>", "<Jar object at 0x…>"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("expected 5 s, got 7", "expected 5 s, got 7"),
        ("a\tb\r\nc \x00\x9b\ud83d\ufffe", "a\tb\nc \\x00\\x9b\\ud83d\\ufffe"),
    ],
)
def test_output_is_cleaned(text: str, expected: str) -> None:
    assert cleaned(text) == expected
