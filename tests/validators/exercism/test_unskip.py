"""Which skipped tests of exercises are woken, under our rules and Aider's."""

from typing import Any

import pytest

from llmbench_plugins.validators.exercism.unskip import unskipped


@pytest.mark.parametrize(
    ("source", "strict", "aider"),
    [
        ("xtest('a', f);", "test('a', f);", "test('a', f);"),
        ("xit('a', f);", "it('a', f);", "xit('a', f);"),
        ("xdescribe('a', f);", "describe('a', f);", "xdescribe('a', f);"),
        ("test.skip('a', f);", "test('a', f);", "test.skip('a', f);"),
        ("it.skip.each([1])('a', f);", "it.each([1])('a', f);", "it.skip.each([1])('a', f);"),
        ("  // it will time-out\n  // there\n  test.skip(\n'a', f);", None, None),
        ("const maxtest = xtest2(1);", None, None),
    ],
)
def test_skipped_tests_of_javascript_wake(source: str, strict: str | None, aider: str | None) -> None:
    assert unskipped("javascript", source.encode(), "strict").decode() == (strict or source)
    assert unskipped("javascript", source.encode(), "aider").decode() == (aider or source)


def test_skipped_tests_of_python_wake() -> None:
    tests = (b"    def test_a(self):\n        self.skip(1)\n", b"    def test_b(self): ...\n")
    source = b"    @unittest.skip('a (b)')\n" + tests[0] + b"    @skip\n" + tests[1]
    woken = unskipped("python", source, "strict")
    assert woken == b"".join(tests)
    assert unskipped("python", source, "aider") == source


def test_skipped_tests_of_go_wake() -> None:
    source = b'func TestX(t *testing.T) {\n\tt.Skip("later")\n\tX()\n}\n'
    assert unskipped("go", source, "strict") == b"func TestX(t *testing.T) {\n\tX()\n}\n"
    assert unskipped("go", source, "aider") == source


@pytest.mark.parametrize(
    ("spelling", "aider"),
    [
        ('@Disabled("Remove to run test")\n', True),
        ("@Disabled\n", False),
        ('@Disabled("(brackets) inside")\n', False),
        ('@org.junit.jupiter.api.Disabled( value = "later" )\n', False),
    ],
)
def test_disabled_tests_are_woken_in_every_spelling(spelling: str, aider: bool) -> None:
    def left(rules: Any) -> bool:
        return b"Disabled" in unskipped("java", f"{spelling}@Test void x() {{}}".encode(), rules)

    assert not left("strict")
    assert left("aider") is not aider
