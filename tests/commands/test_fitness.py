"""``llmbench fitness`` against servers that call well, badly, not at all, and not for long."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from llmbench.records.fitness import read_fitness
from llmbench.records.schemas import read_schema
from llmbench.runner.probes import PROBES, Probe
from llmbench.testing.servers import Answer, StubServer

Run = Callable[..., Any]
Body = Mapping[str, Any]
Call = tuple[str, dict[str, Any]]
WORDS = ("model=any", "model.name=stub", "backend=openai", "backend.retries=0")
SYMBOLS = (("parse_header", "read_body", "close"), ("Lexer", "Parser", "emit"), ("left", "right", "top"))
REPORTED = (37, 4096, 911)


def probe_of(body: Body) -> tuple[Probe, int] | None:
    """Return the probe and the repetition that a request is about; None for the look whether it answers."""
    asked = "\n".join(str(message["content"]) for message in body["messages"])
    found = [
        (probe, number) for probe in PROBES for number in range(3) if probe.instructions(number) in asked
    ]
    is_long = "a part of the project" in asked
    return next(((probe, number) for probe, number in found if probe.is_long == is_long), None)


def right_calls(body: Body) -> list[Call]:
    """Return the calls that are right, read from the request as a good model would."""
    known = probe_of(body)
    if known is None:
        return []
    probe, number = known
    asked = "\n".join(str(message["content"]) for message in body["messages"])
    if probe.name in ("simple", "long"):
        return [("lookup", {"symbol": SYMBOLS[number][0]})]
    if probe.name == "code":
        return [("write", {"path": "sample.py", "content": asked.split("-----\n")[1].split("-----")[0]})]
    if probe.name == "nested":
        return [("configure", {"name": "strict", "rules": rules_in(probe.instructions(number))})]
    if probe.name == "parallel":
        return [("lookup", {"symbol": symbol}) for symbol in SYMBOLS[number]]
    if probe.name == "result":
        value = next((value for value in REPORTED if f"LIMIT = {value}" in asked), None)
        return [("lookup", {"symbol": "LIMIT"})] if value is None else [("report", {"value": value})]
    return []


def rules_in(text: str) -> list[dict[str, Any]]:
    lines = [line.partition(". ")[2] for line in text.splitlines() if line[:1].isdigit()]
    rules = []
    for line in lines:
        pattern, level, ignored = line.removeprefix("pattern ").split(", ")
        names = [] if ignored == "ignoring nothing" else ignored.removeprefix("ignoring ").split(" and ")
        rules.append({"pattern": pattern, "level": level.removeprefix("level "), "ignore": names})
    return rules


def native(calls: list[Call], **changes: Any) -> Answer:
    made = [
        {"id": f"c{n}", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
        for n, (name, arguments) in enumerate(calls)
    ]
    return Answer(content="" if calls else "7", tool_calls=made, **changes)


def text(calls: list[Call]) -> Answer:
    def value(given: Any) -> str:
        return given if isinstance(given, str) else json.dumps(given)

    def tag(arguments: Mapping[str, Any]) -> str:
        return "\n".join(f'<arg name="{name}">\n{value(given)}\n</arg>' for name, given in arguments.items())

    written = [f'<call name="{name}">\n{tag(arguments)}\n</call>' for name, arguments in calls]
    return Answer(content="\n".join(written) or "7")


def good(body: Body) -> Answer:
    calls = right_calls(body)
    return native(calls) if body.get("tools") else text(calls)


def fitness(run: Run, answer: Any, *words: str, code: int = 0) -> dict[str, Any]:
    with StubServer(answer) as stub:
        done = run("fitness", *WORDS, f"backend.url={stub.url}", "--json", *words)
    assert done.exit_code == code, done.stderr
    return json.loads(done.stdout) if done.stdout else {"stderr": done.stderr}


def together(told: Mapping[str, Any], protocol: str) -> dict[str, Any]:
    found = [row for row in told["rows"] if row["probe"] is None and row["protocol"] == protocol]
    assert len(found) == 1
    return found[0]


def test_a_good_model_on_a_good_server_is_right_everywhere(run: Run, here: Path) -> None:
    told = fitness(run, good, "--repetitions", "3")
    for protocol in ("native", "text"):
        row = together(told, protocol)
        assert (row["right"]["count"], row["right"]["n"], row["kinds"]) == (21, 21, {})
        assert row["right"]["low"] > 0.8
    assert told["advice"]["override"] == "agent=tools agent.protocol=native"
    assert (told["planned"], told["tried"], told["stopped"]) == (42, 42, None)


def test_every_attempt_is_kept_and_keeps_to_the_schema(run: Run, here: Path) -> None:
    import jsonschema

    first = fitness(run, good, "--repetitions", "1")
    path = here / first["file"]
    jsonschema.validate(json.loads(path.read_text()), read_schema("fitness"))
    kept = read_fitness(path)
    assert [(a.probe, a.protocol) for a in kept.attempts[:4]] == [
        ("simple", "native"),
        ("simple", "text"),
        ("code", "native"),
        ("code", "text"),
    ]
    assert kept.attempts[2].calls[0].arguments["path"] == "sample.py"
    assert kept.server["server"] == "openai-compatible"
    with StubServer(good) as stub:
        again = ("fitness", *WORDS, f"backend.url={stub.url}", "--repetitions", "1")
        run(*again)
        run(*again)
    assert len(list(path.parent.glob("*.1.json"))) == 1


BROKEN = '{"path": "sample.py", "content": "def greet(name):\n  ...'


def breaks_code(body: Body) -> Answer:
    """Send code in native calls as no JSON, and everything else well."""
    calls = right_calls(body)
    if body.get("tools") and calls and calls[0][0] in ("write", "configure"):
        call = {"id": "c", "type": "function", "function": {"name": calls[0][0], "arguments": BROKEN}}
        return Answer(content="", tool_calls=[call])
    return good(body)


def drops(body: Body) -> Answer:
    """Say that there are calls, and send none, as mlx-lm does with calls that it can't parse."""
    return Answer(content="", finish="tool_calls") if body.get("tools") else good(body)


def refuses(body: Body) -> Answer:
    """Answer 500 to what the model wrote, as llama.cpp does with calls that it can't parse."""
    if not body.get("tools"):
        return good(body)
    error = {"code": 500, "message": "Failed to parse input at pos 12: <tool_call>", "type": "server_error"}
    return Answer(status=500, error=error)


@pytest.mark.parametrize(
    ("answer", "kind", "malformed"),
    [(breaks_code, "broken_json", 6), (drops, "dropped", 21), (refuses, "unreadable", 21)],
)
def test_calls_that_can_t_be_read_are_counted_by_kind(
    run: Run, here: Path, answer: Any, kind: str, malformed: int
) -> None:
    told = fitness(run, answer, "--repetitions", "3")
    row = together(told, "native")
    assert row["kinds"] == {kind: malformed}
    assert row["malformed"]["count"] == malformed
    assert together(told, "text")["kinds"] == {}
    wanted = "native" if kind == "broken_json" else "text"
    assert told["advice"]["override"] == f"agent=tools agent.protocol={wanted}"
    assert told["advice"]["sure"] is (wanted == "text")


def mangles(body: Body) -> Answer:
    """Change code a little, as a template does that eats backslashes."""
    calls = right_calls(body)
    changed = [
        (name, {**given, "content": given["content"].replace("\\", "")} if "content" in given else given)
        for name, given in calls
    ]
    return native(changed) if body.get("tools") else text(calls)


def test_code_that_arrives_changed_is_well_formed_and_not_right(run: Run, here: Path) -> None:
    row = together(fitness(run, mangles, "--repetitions", "3"), "native")
    assert (row["kinds"], row["malformed"]["count"]) == ({"changed": 3}, 0)


def calls_always(body: Body) -> Answer:
    return native([("lookup", {"symbol": "x"})]) if body.get("tools") else text([("lookup", {"symbol": "x"})])


def test_a_model_that_calls_the_wrong_things_is_better_off_without(run: Run, here: Path) -> None:
    told = fitness(run, calls_always, "--repetitions", "2")
    kinds = together(told, "native")["kinds"]
    assert kinds["needless_call"] == 2
    assert kinds["wrong_call"] > 0
    assert told["advice"]["override"] == "agent=prompt"


def test_one_protocol_alone(run: Run, here: Path) -> None:
    told = fitness(run, good, "--repetitions", "2", "--protocol", "text")
    assert {row["protocol"] for row in told["rows"]} == {"text"}
    assert told["planned"] == 14


def test_time_is_bounded_and_what_was_tried_counts(run: Run, here: Path) -> None:
    def slow(body: Body) -> Answer:
        known = probe_of(body)
        return Answer(delay_s=600) if known and known[1] == 1 else good(body)

    told = fitness(run, slow, "--repetitions", "2", "--minutes", "0.15")
    assert told["planned"] == 28
    assert 1 <= told["tried"] <= 14
    assert "--minutes 0.15" in told["stopped"]
    assert sum(row["right"]["n"] for row in told["rows"] if row["probe"]) == told["tried"]


def test_a_server_that_fails_again_and_again_ends_it(run: Run, here: Path) -> None:
    def dies(body: Body) -> Answer:
        return Answer(status=502, error="bad gateway") if probe_of(body) else good(body)

    told = fitness(run, dies, code=1)
    assert "the server failed" in told["stderr"]
    assert [a.kind for a in read_fitness(next((here / "outputs/fitness").iterdir())).attempts][:3] == [
        "infra"
    ] * 3


def test_a_server_that_can_t_parse_calls_is_tried_with_text(run: Run, here: Path) -> None:
    told = fitness(run, lambda body: text(right_calls(body)), "--repetitions", "1")
    kinds = together(told, "native")["kinds"]
    assert kinds["as_text"] == 6
    assert told["advice"]["override"] == "agent=tools agent.protocol=text"


def test_the_table_can_be_read(run: Run, here: Path) -> None:
    with StubServer(good) as stub:
        done = run("fitness", *WORDS, f"backend.url={stub.url}", "--repetitions", "3")
    assert done.exit_code == 0
    assert "stub on openai" in done.stdout
    assert "21 of 21" in done.stdout
    assert "Use agent=tools agent.protocol=native" in done.stdout


def test_random_weights_on_llama_cpp_end_in_time_and_in_order(run: Run, here: Path) -> None:
    weights = Path(__file__).parents[1] / "data/random.gguf"
    words = (
        "model=demo",
        "model.trusted=false",
        f"model.sources.llamacpp.path={weights}",
        "model.sources.llamacpp.context=4096",
        "model.reasoning.answer_tokens=48",
    )
    done = run("fitness", *words, "--repetitions", "1", "--minutes", "2", "--json")
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["server"]["server"].startswith("llama.cpp")
    assert "shows no tools" in told["not_possible"]["native"]
    row = together(told, "text")
    assert row["right"]["count"] <= 1, "random weights can only be right by not calling"
    assert told["advice"]["override"] == "agent=prompt"


def test_the_demo_model_s_calls_are_read_though_they_are_not_the_right_ones(run: Run, here: Path) -> None:
    pytest.importorskip("xllamacpp", reason="needs llmbench[embedded]")
    words = ("model=demo", "--repetitions", "1", "--minutes", "2", "--protocol", "native", "--json")
    done = run("fitness", *words)
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["not_possible"] == {}
    row = together(told, "native")
    assert (row["right"]["n"], row["malformed"]["count"]) == (7, 0)
    (code,) = (one for one in read_fitness(here / told["file"]).attempts if one.probe == "code")
    assert {call.name for call in code.calls} <= {"write"}
    assert told["advice"]["override"] == "agent=prompt"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["agent=prompt"], "agent 'prompt' has no option 'protocol'"),
        (["--repetitions", "0"], "--repetitions: expected 1 or more"),
        (["--minutes", "0"], "--minutes: expected more than 0"),
        (["--protocol", "morse"], "morse"),
        (["model=nope"], "nope"),
        (["-m", "seed=1,2"], "overrides of one run"),
    ],
)
def test_wrong_requests(run: Run, here: Path, words: list[str], said: str) -> None:
    done = run("fitness", *words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr
