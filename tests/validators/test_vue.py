"""The validator `vue`: right about honest answers, and not to be fooled by others."""

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import get_args

import platformdirs
import pytest

from llmbench.api import Boxes, Context, Files, Outcome, Sandbox, Task, Validator, Verdict
from llmbench.api.options import from_mapping
from llmbench.errors import PrerequisiteError
from llmbench.registry import load
from llmbench.testing.validator import OpenBoxes, ValidatorConformance
from llmbench_plugins.datasets.vue import TYPE_CHECK
from llmbench_plugins.datasets.vue import Options as DatasetOptions
from llmbench_plugins.datasets.vue import Vue as Dataset
from llmbench_plugins.shared.vue_spec import Grading, Kind, Pattern
from llmbench_plugins.toolchains.vue import VUE
from llmbench_plugins.validators.vue.checking import SCRIPTS, Checked, check
from llmbench_plugins.validators.vue.services import Services
from llmbench_plugins.validators.vue.validator import Options, Vue

TASKS = {
    task.id.removeprefix("vue/"): task
    for task in Dataset(DatasetOptions(), Context(work_dir=Path(), cache_dir=Path())).tasks()
}
BADGE = "src/components/UserBadge.vue"
GOOD = TASKS["simple-component"].reference[BADGE].decode()

# The services stay warm among the tests of one worker.
pytestmark = pytest.mark.xdist_group("vue")


class Bench:
    """One validator in one event loop, so that what it keeps warm stays warm."""

    def __init__(self, sandbox: Sandbox, runner: asyncio.Runner) -> None:
        self.boxes = OpenBoxes(sandbox, [VUE])
        self._runner = runner
        # A busy machine is no fault of an answer.
        self._validator = Vue(Options(timeout_factor=5, check_s=300), sandbox.context)
        self._checkers = Services(*SCRIPTS)

    def grade(self, task: Task, files: Files, validator: Vue | None = None) -> Verdict:
        return self._runner.run((validator or self._validator).grade(task, files, self.boxes))

    def badge(self, source: str) -> Verdict:
        return self.grade(TASKS["simple-component"], {BADGE: source.encode()})

    def check(self, task: Task, files: Files, *patterns: Pattern) -> Checked:
        grading = Grading(patterns=patterns or (Pattern(kind="no_any", file=BADGE),), tests=("x",))
        return self._runner.run(check(task, grading, files, self._checkers, self.boxes, 300.0))

    def vue_tsc(self, task: Task) -> list[str]:
        async def run() -> bytes:
            async with self.boxes.open("vue") as box:
                await box.put(task.starter)
                return (await box.run(TYPE_CHECK, timeout_s=300)).stdout

        return [line for line in self._runner.run(run()).decode().splitlines() if " error TS" in line]


def opened(name: str, context: Context) -> Sandbox:
    """Return a sandbox that serves Vue; its libraries are those of the user's cache, made if need be."""
    kind: type[Sandbox] = load("sandbox", name)
    sandbox = kind(kind.Options(), context)
    try:
        if reason := asyncio.run(sandbox.missing(VUE)):
            pytest.skip(reason)
        asyncio.run(sandbox.prepare(VUE))
    except PrerequisiteError as error:
        pytest.skip(str(error))
    return sandbox


@pytest.fixture(scope="session")
def bench(isolating_sandbox: Sandbox) -> Iterator[Bench]:
    context = replace(isolating_sandbox.context, cache_dir=Path(platformdirs.user_cache_dir("llmbench")))
    sandbox = opened(type(isolating_sandbox).__name__.lower(), context)
    with asyncio.Runner() as runner:
        yield Bench(sandbox, runner)
        runner.run(sandbox.close())


class TestConformance(ValidatorConformance):
    @pytest.fixture(autouse=True)
    def _bench(self, bench: Bench) -> None:
        self._open = bench

    def make_validator(self, tmp_path: Path) -> Validator:
        return Vue(Options(), Context(work_dir=tmp_path, cache_dir=tmp_path))

    def make_boxes(self, tmp_path: Path) -> Boxes:
        return self._open.boxes

    def make_task(self) -> Task:
        return TASKS["simple-component"]

    def grade(self, tmp_path: Path, files: Files) -> Verdict:
        return self._open.grade(self.make_task(), files)


# Honest answers


@pytest.mark.slow
@pytest.mark.parametrize("name", TASKS)
def test_a_perfect_answer_gets_ten_and_an_idle_one_can_not(bench: Bench, name: str) -> None:
    task = TASKS[name]
    perfect = bench.grade(task, task.reference)
    assert (perfect.outcome, perfect.score) == (Outcome.PASSED, 1.0), perfect.stderr
    assert perfect.details["composite"] == 10
    assert set(perfect.details["parts"].values()) == {"pass"}
    assert perfect.tests_run == perfect.tests_passed == perfect.tests_expected
    # An idle answer lacks what no tests could make up for.
    grading = from_mapping(Grading, task.grading, name)
    assert bench.check(task, {}, *grading.patterns).missing


@pytest.mark.parametrize(("name", "least", "most"), [("simple-component", 2, 5), ("vue2-to-vue3", 0, 0)])
def test_an_idle_answer_fails(bench: Bench, name: str, least: float, most: float) -> None:
    idle = bench.grade(TASKS[name], {})
    assert idle.outcome is Outcome.FAILED
    assert least <= idle.details["composite"] <= most


def test_the_parts_are_shown_and_what_they_lack_is_listed(bench: Bench) -> None:
    source = GOOD.replace("role: 'admin' | 'editor' | 'guest'", "role: any").replace(
        "editor: 'Editor'", "x: 1"
    )
    verdict = bench.badge(source.replace("compact?: boolean", "compact: boolean"))
    assert verdict.outcome is Outcome.FAILED
    assert verdict.details["parts"] == {"compiles": "fail", "patterns": "fail", "behaviour": "fail"}
    assert 0 < verdict.details["composite"] < 5
    feedback = Vue(Options(), Context(work_dir=Path(), cache_dir=Path())).feedback(
        TASKS["simple-component"], verdict
    )
    for part in (
        f"{verdict.details['composite']:.1f} of 10: does not compile, ",
        "patterns 6 of 9, behaviour 4 of 5 tests",
        "- src/App.vue(9,4): error TS",
        f"- {BADGE}: the type any is used: role: any",
        "- the types: the types are not as wanted",
        "- shows initials, name, role and email: expected",
    ):
        assert part in feedback


def test_a_deleted_feature_costs_all_parts(bench: Bench) -> None:
    whole = bench.badge(GOOD.replace('<small v-if="user.email" class="email">{{ user.email }}</small>', ""))
    assert (whole.outcome, whole.tests_passed) == (Outcome.FAILED, 4)
    assert whole.details["composite"] == 8.0
    assert "shows initials, name, role and email" in whole.reason
    empty = bench.badge(GOOD.split("<template>")[0] + "<template><a /></template>")
    assert empty.details["parts"] == {"compiles": "pass", "patterns": "pass", "behaviour": "fail"}
    assert empty.details["composite"] == 0


def test_weights_are_options(bench: Bench) -> None:
    only = Options(compiles=0, patterns=0, behaviour=1)
    validator = Vue(only, Context(work_dir=Path(), cache_dir=Path()))
    verdict = bench.grade(TASKS["simple-component"], {}, validator)
    assert verdict.details["composite"] == 10
    assert (verdict.outcome, verdict.score) == (Outcome.FAILED, 0.99)


def test_tests_that_are_not_those_of_the_reference_do_not_pass(bench: Bench) -> None:
    task = TASKS["simple-component"]
    for names in (task.grading["tests"][:4], [*task.grading["tests"], "one more"]):
        other = replace(task, grading=task.grading | {"tests": names}, digest="")
        verdict = bench.grade(other, task.reference)
        assert verdict.outcome is Outcome.FAILED
        assert verdict.reason


@pytest.mark.slow
@pytest.mark.parametrize("name", ["simple-component", "options-to-setup", "slots-table"])
def test_the_warm_type_check_says_what_vue_tsc_says(bench: Bench, name: str) -> None:
    task = TASKS[name]
    plain = bench.vue_tsc(task)
    assert plain
    ours = [error.split("\n")[0] for error in bench.check(task, {}).errors]
    assert sorted(ours) == sorted(plain)
    assert bench.check(task, task.reference).compiles


# What silences the compiler

SILENCED: dict[str, Callable[[str], str]] = {
    "@ts-nocheck": lambda code: code.replace("import {", "// @ts-nocheck\nimport {", 1),
    "@ts-ignore": lambda code: code.replace("const initials", "// @ts-ignore\nconst initials"),
    "@ts-expect-error": lambda code: code.replace(
        "const initials", "// @ts-expect-error wrong\nconst x: number = ''\nconst initials"
    ),
    "as any": lambda code: code.replace("props.user.name)", "(props.user as any).name)"),
    "as never": lambda code: code.replace("event.preventDefault()", "event.preventDefault(); ('' as never)"),
    "as unknown as": lambda code: code.replace(
        "emit('select', props.user.name)", "emit('select', 1 as unknown as string)"
    ),
    "<any>": lambda code: code.replace("emit('select', props.user.name)", "emit('select', <any>1)"),
    "in the template": lambda code: code.replace("{{ initials }}", "{{ (initials as any).x }}"),
    "in an attribute": lambda code: code.replace(':class="{ compact }"', ':class="(user as any).x"'),
    "@vue-ignore": lambda code: code.replace("<strong", "<!-- @vue-ignore -->\n<strong"),
    "@vue-skip": lambda code: code.replace("<strong", "<!-- @vue-skip -->\n<strong"),
    "options in a comment": lambda code: f"<!-- @skipTemplateCodegen true -->\n{code}",
    "options in a longer comment": lambda code: f"<!-- one\n @checkUnknownProps false\n-->\n{code}",
    "declare module": lambda code: code.replace(
        "<script setup",
        "<script lang='ts'>declare module '@/x.vue' { const a: string }</script>\n<script setup",
    ),
}


@pytest.mark.parametrize("name", SILENCED)
def test_what_silences_the_type_checker_does_not_compile(bench: Bench, name: str) -> None:
    source = SILENCED[name](GOOD)
    assert source != GOOD
    checked = bench.check(TASKS["simple-component"], {BADGE: source.encode()})
    assert any("silences the type checker" in error for error in checked.errors), checked
    assert not checked.compiles


def test_one_answer_leaves_nothing_for_the_next(bench: Bench) -> None:
    task = TASKS["simple-component"]
    spoiled = "declare global { interface String { nothing: 1 } }\n" + "export {}\n"
    source = GOOD.replace("import {", f"{spoiled}import {{", 1).replace(
        "user.name)", "user.name.nothing + '')"
    )
    bench.check(task, {BADGE: source.encode(), "src/extra.ts": b"export const extra: number = ''"})
    later = bench.check(task, {BADGE: GOOD.replace("user.name)", "user.name.nothing)").encode()})
    assert len(later.errors) == 1
    assert "Property 'nothing' does not exist on type 'string'" in later.errors[0]
    assert bench.check(task, task.reference).compiles


def test_a_line_separator_in_the_code_is_no_end_of_a_line(bench: Bench) -> None:
    source = GOOD.replace("'Administrator'", "'Admin\u2028istrator'")
    assert bench.check(TASKS["simple-component"], {BADGE: source.encode()}).compiles


# Attacks on the tests

ATTACKS = {
    "leaves at once": "process.exit(0)",
    "leaves when mounted": "import { onMounted } from 'vue'\nonMounted(() => process.exit(0))",
    "kills its process": "process.kill(process.pid, 'SIGKILL')",
    "says what llmbench waits for": """
        import { writeSync } from 'node:fs'
        const done = { tests: [], errors: [] }
        for (let i = 0; i < 99; i++) writeSync(1, JSON.stringify({ value: 'AT', done }) + '\\n')
        """,
    "says more than one line": """
        import { writeSync } from 'node:fs'
        const order = JSON.stringify({ files: { 'x.test.ts': 'test' }, timeout_s: 1 })
        const done = JSON.stringify({ done: { tests: [], errors: [] } })
        writeSync(1, ['{"value": "', done, order, '"}'].join('\\u2028') + '\\n')
        """,
    "returns what it likes": """
        const stringify = JSON.stringify
        JSON.stringify = () => stringify({ value: { toString: 'AT', asymmetricMatch: true } })
        """,
    "patches what is called expect": """
        const yes = new Proxy(() => yes, { get: () => yes })
        Object.assign(globalThis, { expect: yes, test: yes, it: yes })
        """,
    "throws itself": "throw { message: 'passed', value: 1 }",
    "rejects later": "setTimeout(() => { throw new Error('late') }, 0)\nPromise.reject(new Error('later'))",
}


@pytest.mark.parametrize("name", ATTACKS)
def test_attacks_on_the_tests_do_not_pass(bench: Bench, name: str) -> None:
    lines = "\n".join(line.strip() for line in ATTACKS[name].splitlines())
    source = f"<script setup>\n{lines}\n</script>\n<template><i>nothing</i></template>\n"
    verdict = bench.badge(source)
    assert verdict.outcome is Outcome.FAILED
    assert verdict.tests_passed == 0


def test_what_is_kept_warm_still_judges_rightly_after_them(bench: Bench) -> None:
    assert bench.badge(GOOD).outcome is Outcome.PASSED


def test_no_test_and_no_expected_value_is_where_the_answer_runs(bench: Bench) -> None:
    spy = """
    import { readdirSync } from 'node:fs'
    const found = readdirSync('.', { recursive: true }).filter((name) => !name.includes('node_modules'))
    throw new Error('SEEN ' + found.sort().join(' '))
    """
    verdict = bench.badge(f"<script setup>{spy}</script>\n<template><i /></template>\n")
    seen = next(line for line in verdict.stderr.splitlines() if "SEEN" in line)
    assert "src/components/UserBadge.vue" in seen
    assert "test" not in seen
    assert "solution" not in seen


def test_an_answer_that_never_ends_is_a_timeout(bench: Bench) -> None:
    validator = Vue(Options(timeout_factor=0.1), Context(work_dir=Path(), cache_dir=Path()))
    source = "<script setup>for (;;) {}</script>\n<template><i /></template>\n"
    verdict = bench.grade(TASKS["simple-component"], {BADGE: source.encode()}, validator)
    assert verdict.outcome is Outcome.TIMEOUT
    assert verdict.tests_passed == 0


# Kinds of patterns

SETUP = '<script setup lang="ts">\n{}\n</script>\n<template><i /></template>\n'
KINDS: dict[str, tuple[dict[str, object], str, str]] = {
    "script_setup_ts": ({}, SETUP.format("const a = 1"), "<script setup>const a = 1</script>"),
    "no_options_api": (
        {},
        SETUP.format(""),
        "<script lang='ts'>export default { data: () => ({}) }</script>",
    ),
    "typed_props": (
        {"names": ["a", "b"]},
        SETUP.format("interface P { a: 1; b?: 2 }\nconst { a } = defineProps<P>()"),
        SETUP.format("defineProps<{ a: 1 }>()"),
    ),
    "typed_emits": (
        {"names": ["a", "b"]},
        SETUP.format("type E = { a: [] } & { (e: 'b', n: number): void }\ndefineEmits<E>()"),
        SETUP.format("defineEmits(['a', 'b'])"),
    ),
    "typed_slots": (
        {"names": ["a"]},
        SETUP.format("defineSlots<{ a(props: { n: number }): unknown }>()"),
        SETUP.format("defineSlots<{ b(): unknown }>()"),
    ),
    "typed_model": (
        {},
        SETUP.format("const m = defineModel<string>()"),
        SETUP.format("const m = defineModel()"),
    ),
    "generic_component": (
        {},
        '<script setup lang="ts" generic="T extends object">defineProps<{ a: T }>()</script>',
        SETUP.format("defineProps<{ a: object }>()"),
    ),
    "no_any": (
        {},
        SETUP.format("const any = 'any' // any"),
        '<script setup lang="ts" /><template><A #b="{ c }: { c: any }">{{ c }}</A></template>',
    ),
    "no_this": ({}, SETUP.format("const a = 'this'"), '<template><i @click="this.$emit(1)" /></template>'),
    "no_non_null": ({}, SETUP.format("const a = !1"), SETUP.format("const a = [1].at(0)!")),
    "interface_declared": ({"name": "A"}, SETUP.format("interface A { b: 1 }"), SETUP.format("const A = 1")),
    "function_exported": (
        {"name": "a"},
        "export const a = (b: number, c = 1): number => b + c",
        "export function a(b) { return b }",
    ),
    "generic_function": (
        {"name": "a"},
        "export function a<T>(b: T): T { return b }",
        "export const a = () => 1",
    ),
    "calls": (
        {"name": "computed"},
        SETUP.format("const a = computed(() => 1)"),
        SETUP.format("// computed()"),
    ),
    "no_calls": ({"name": "a"}, SETUP.format("const b = 'a()'"), '<template><i :b="a()" /></template>'),
    "composable_used": (
        {"name": "useA", "module": "src/useA"},
        SETUP.format("import { useA } from './useA'\nconst a = useA()"),
        SETUP.format("import { useA } from './other'\nconst a = useA()"),
    ),
    "imports": (
        {"name": "A", "module": "src/types"},
        SETUP.format("import type { A as B } from '@/types'"),
        SETUP.format("import { B } from '@/types'"),
    ),
    "defines_store": (
        {"name": "useA"},
        "export const useA = defineStore('a', () => ({}))",
        "const useA = defineStore('a', () => ({}))",
    ),
    "component_used": (
        {"name": "MyA"},
        "<template><p><my-a /></p></template>",
        "<template><!-- <MyA /> --></template>",
    ),
    "slot_offered": (
        {"name": "default"},
        "<template><slot name='b' /><slot /></template>",
        "<template><slot name='b' /></template>",
    ),
    "types_hold": ({}, "export const a: number = 1", "export const a: number = ''"),
}


def file_of(kind: str, source: str, place: str) -> str:
    if kind == "types_hold":
        return f"tests/types/{place}.ts"
    return f"src/{kind}_{place}.{'vue' if source.startswith('<') else 'ts'}"


def test_every_kind_of_pattern_is_met_and_missed(bench: Bench) -> None:
    assert set(KINDS) == set(get_args(Kind))
    patterns, files = [], {}
    for kind, (more, *sources) in KINDS.items():
        for place, source in zip(("good", "bad"), sources, strict=True):
            path = file_of(kind, source, place)
            files[path] = source.encode()
            patterns.append(Pattern(kind=kind, file=path, **more))  # type: ignore[arg-type]
    hidden = {path.removeprefix("tests/"): text for path, text in files.items() if path.startswith("tests/")}
    task = Task(
        id="vue/kinds",
        instructions="",
        starter={"tsconfig.json": TASKS["composable"].starter["tsconfig.json"]},
        editable=("src/*",),
        tests=hidden,
    )
    source = {path: text for path, text in files.items() if path.startswith("src/")}
    missing = bench.check(task, source, *patterns).missing
    named = [line.split(":")[0].removeprefix("src/") for line in missing]
    wanted = [
        "the types" if kind == "types_hold" else file_of(kind, bad, "bad").removeprefix("src/")
        for kind, (_, _, bad) in KINDS.items()
    ]
    assert named == wanted, "\n".join(missing)


def test_a_missing_file_meets_no_pattern_that_asks_for_something(bench: Bench) -> None:
    kinds = [kind for kind in get_args(Kind) if kind != "types_hold"]
    patterns = [Pattern(kind=kind, file=f"src/{kind}.ts", name="a", module="b") for kind in kinds]
    missing = bench.check(TASKS["simple-component"], {}, *patterns).missing
    asked = [kind for kind in kinds if not kind.startswith("no_")]
    assert [line.split(".ts:")[0] for line in missing] == [f"src/{kind}" for kind in asked]


# Other sandboxes, and whole runs


@pytest.mark.docker
@pytest.mark.slow
def test_docker_judges_alike(tmp_path: Path) -> None:
    context = Context(work_dir=tmp_path, cache_dir=tmp_path, label="tests-vue")
    sandbox = opened("docker", context)
    with asyncio.Runner() as runner:
        bench = Bench(sandbox, runner)
        for task in TASKS.values():
            verdict = bench.grade(task, task.reference)
            assert verdict.details["composite"] == 10, (task.id, verdict.stderr)
        assert bench.grade(TASKS["composable"], {}).outcome is Outcome.FAILED
        runner.run(sandbox.close())


def test_what_grading_says_is_json(bench: Bench) -> None:
    verdict = bench.grade(TASKS["several-files"], {"src/board.ts": b"\xff\x00"})
    json.dumps(verdict.details)
    assert verdict.outcome is Outcome.FAILED
