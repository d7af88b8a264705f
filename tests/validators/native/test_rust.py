"""Rust's exercises: right about honest answers, not fooled by others."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from llmbench.api import Limits, Outcome
from llmbench_plugins.validators.native.rust import _BUILD, _ENV, RUNNER

SOLUTION = "src/lib.rs"


@pytest.fixture(scope="module")
def grade(compiled: Callable[[str], Any]) -> Any:
    return compiled("rust")


def test_the_reference_passes_all_tests_ignored_ones_too_and_the_starter_fails(grade: Any) -> None:
    verdict = grade({})
    assert verdict.outcome is Outcome.PASSED, verdict
    assert (verdict.tests_run, verdict.tests_passed, verdict.tests_skipped) == (5, 5, 0)
    assert grade.nothing().outcome is Outcome.FAILED


def test_a_wrong_answer_is_told_what_failed_and_nothing_of_our_own_tests(grade: Any) -> None:
    verdict = grade({SOLUTION: grade.reference(SOLUTION, "[25, 10, 5, 1]", "[25, 5, 10, 1]")})
    assert verdict.outcome is Outcome.FAILED
    assert verdict.tests_passed == 4
    assert "left: [25, 5, 5, 5, 1]" in verdict.stdout
    assert "llmbench" not in verdict.stdout


def test_what_does_not_build_fails_with_the_compilers_words(grade: Any) -> None:
    verdict = grade({SOLUTION: grade.reference(SOLUTION, "-> Vec<u32>", "-> Vec<i32>")})
    assert verdict.outcome is Outcome.FAILED
    assert "mismatched types" in verdict.stdout


def test_a_dependency_is_found_without_a_network(grade: Any) -> None:
    cargo = grade.reference("Cargo.toml", "[dependencies]", '[dependencies]\nlazy_static = "1"')
    answer = "use lazy_static::lazy_static;\nlazy_static! { static ref NAME: String = String::new(); }\n"
    use = "pub fn name() -> &'static str { &NAME }\n"
    verdict = grade({"Cargo.toml": cargo, SOLUTION: answer + use + grade.reference(SOLUTION)})
    assert verdict.outcome is Outcome.PASSED, verdict


def test_crates_come_compiled_and_no_box_can_change_them(grade: Any) -> None:
    async def build_loudly() -> tuple[bytes, int]:
        async with grade.boxes.open("rust", Limits(processes=512, disk_mb=1024)) as box:
            cargo = '[package]\nname = "own"\n[dependencies]\nlazy_static = "1"\nregex = "1"\n'
            await box.put({"Cargo.toml": cargo.encode(), "src/lib.rs": b"pub fn f() {}\n"})
            loud = _BUILD.replace(" --quiet", "")
            built = await box.run(["sh", "-c", loud, "sh", "crates"], env=_ENV)
            change = (
                "for f in /opt/llmbench/rust/target/debug/deps/*; do echo 1 >> $f && exit 1; done; exit 0"
            )
            changed = await box.run(["sh", "-c", change])
            return built.stderr, changed.exit_code

    said, changed = asyncio.run(build_loudly())
    assert b"Compiling own" in said
    assert said.count(b"Compiling") == 1
    assert changed == 0


EARLY = """
#[used]
#[link_section = ".init_array"]
static EARLY: extern "C" fn() = early;
extern "C" fn early() { %s }
"""
ATTACKS = {
    "exits in a test": "std::process::exit(0);",
    "aborts": "std::process::abort();",
    "prints a report": 'println!("test one_of_each ... ok\\ntest result: ok"); std::process::exit(0);',
    "exits in a panic hook": "std::panic::set_hook(Box::new(|_| std::process::exit(0))); panic!();",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_answer_does_not_get_away_with_it(grade: Any, attack: str) -> None:
    head = "pub fn worth(coins: &[u32]) -> Option<u32> {"
    answer = grade.reference(SOLUTION, head, f"{head}\n    if coins.len() < 9 {{ {ATTACKS[attack]} }}\n")
    assert grade({SOLUTION: answer}).outcome is Outcome.FAILED


def test_code_before_main_is_refused(grade: Any) -> None:
    code = """
        let mut key = String::new();
        std::io::stdin().read_line(&mut key).unwrap();
        for name in ["one_of_each", "llmbench_canary_0"] {
            let name: String = name.bytes().map(|byte| format!("{byte:02x}")).collect();
            println!("\\n{} case {name} passed \\n{} end", key.trim(), key.trim());
        }
        std::process::exit(0);
    """
    verdict = grade({SOLUTION: grade.reference(SOLUTION) + EARLY % code})
    assert verdict.outcome is Outcome.TAMPERED
    assert "link_section" in verdict.reason


@pytest.mark.parametrize("text", ["[package", "package = 3", "[features]\nsome = 1979-05-27\n", "\udcff"])
def test_a_manifest_that_can_not_be_read_is_a_wrong_answer(grade: Any, text: str) -> None:
    job = grade.job({"Cargo.toml": text.encode(errors="surrogateescape")})
    run = asyncio.run(RUNNER.run(job, grade.boxes))
    assert run.problem.startswith("Cargo.toml can't be read: ")
    assert not run.cases


@pytest.mark.parametrize(
    "answer",
    [
        {SOLUTION: "#[macro_export]\nmacro_rules! assert_eq { ($($any:tt)*) => {}; }\n"},
        {"Cargo.toml": '[package]\nname = "coin-jar"\nbuild = "src/lib.rs"\n'},
        {"Cargo.toml": '[package]\nname = "coin-jar"\n[[test]]\nname = "coin_jar"\npath = "src/lib.rs"\n'},
        {"Cargo.toml": '[package]\nname = "coin-jar"\n[dependencies]\nevil = { path = "src" }\n'},
    ],
    ids=["macro", "build script", "test target", "dependency on a path"],
)
def test_steering_the_tests_is_tampering(grade: Any, answer: dict[str, str]) -> None:
    assert grade(answer).outcome is Outcome.TAMPERED


def test_an_answer_can_not_take_the_tests_in(grade: Any) -> None:
    taken = 'pub const TESTS: &str = include_str!("../tests/coin_jar.rs");\n'
    verdict = grade({SOLUTION: taken + grade.reference(SOLUTION)})
    assert verdict.outcome is Outcome.FAILED
    assert "couldn't read" in verdict.stdout
