"""Conversations from beginning to end: what ends them, what is counted, what the model is told."""

from collections.abc import Callable
from typing import Any

import pytest

from llmbench.api import (
    Completion,
    Finish,
    Message,
    ModelProfile,
    Outcome,
    Reasoning,
    Request,
    ToolCall,
    Usage,
)
from llmbench.errors import ContextOverflowError, ProtocolError
from llmbench.records.transcript import ToolEvent
from llmbench.testing.scripted import calling, completion
from llmbench_plugins.agents.tools.text import written

Talking = Callable[..., Any]
GOOD = "def is_leap(year):\n    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)\n"
WRITE = ("write", {"path": "leap.py", "content": GOOD})
FINISH = ("finish", {"summary": "done"})


def test_reads_writes_and_ends_with_every_call_on_record(talk: Talking) -> None:
    told = talk([calling(("read", {"path": "leap.py"})), calling(WRITE), calling(FINISH)])
    assert told.workspace.read("leap.py").decode() == GOOD
    assert [tool.name for tool in told.requests[0].tools] == ["read", "write", "edit", "finish"]
    assert told.requests[0].tool_choice == "auto"
    assert "raise NotImplementedError" in told.requests[1].messages[-1].content
    assert told.requests[1].messages[-1].tool_call_id == "call_0"
    assert told.notes == {
        "protocol": "native",
        "ended": "finished",
        "iterations": 3,
        "calls": 3,
        "useful": 3,
        "malformed": 0,
        "failed": 0,
        "errors": 0,
        "corrected": 0,
        "completion_tokens": 15,
        "by_kind": {"read": 1, "write": 1, "end": 1},
        "by_name": {"read": 1, "write": 1, "finish": 1},
        "order": ["read", "write", "finish"],
        "first_change": 2,
    }
    steps = [event.step for event in told.events if isinstance(event, ToolEvent)]
    assert [(step.name, step.ends, step.before == step.after) for step in steps] == [
        ("read", False, True),
        ("write", False, False),
        ("finish", True, True),
    ]


def test_parallel_calls_are_done_in_order_up_to_the_limit(talk: Talking) -> None:
    reads = [("read", {"path": "leap.py", "start_line": n}) for n in (1, 2)]
    told = talk([calling(WRITE, *reads), calling(FINISH)], max_batch_tool_calls=2)
    results = [message for message in told.requests[1].messages if message.role == "tool"]
    assert len(results) == 3
    assert GOOD.splitlines()[0] in results[1].content
    assert results[2].content == (
        "not done: only the first 2 calls of an answer are; call again if still needed"
    )
    assert told.notes["mistakes"] == {"too_many": 1}
    assert told.notes["malformed"] == 0


def test_what_follows_an_end_in_the_same_answer_is_left_alone(talk: Talking) -> None:
    told = talk([calling(FINISH, WRITE)])
    assert told.workspace.changed() == {}
    assert told.notes["order"] == ["finish"]


def broken(raw: str, problem: str, name: str = "write") -> Completion:
    call = ToolCall(id="x", name=name, arguments={}, raw=raw, problem=problem)
    return Completion(content="", finish=Finish.TOOL_CALLS, tool_calls=(call,), usage=Usage())


MISTAKES: dict[str, tuple[Completion, str]] = {
    "unknown_tool": (calling(("writ", {"path": "a"})), "there is no tool 'writ'; did you mean write?"),
    "wrong_arguments": (
        calling(("write", {"path": "leap.py"})),
        "write takes path, content",
    ),
    "broken_json": (
        broken('{"path": "leap.py', "the arguments are no JSON: Input data was truncated"),
        "write: the arguments are no JSON: Input data was truncated; send them as one JSON object",
    ),
    "no_name": (broken("{}", "the call has no name", name=""), "this call has no name; the tools are: read,"),
    "dropped": (
        Completion(content="", finish=Finish.TOOL_CALLS),
        "a tool call of yours could not be read and was dropped",
    ),
    "as_text": (
        completion('<tool_call>{"name": "read", "arguments": {"path": "leap.py"}}</tool_call>'),
        "your call of read came as text and was not done",
    ),
}


@pytest.mark.parametrize("kind", MISTAKES)
def test_a_malformed_call_is_told_counted_and_can_be_put_right(talk: Talking, kind: str) -> None:
    reply, said = MISTAKES[kind]
    told = talk([reply, calling(WRITE), calling(FINISH)])
    assert said in told.requests[1].messages[-1].content
    assert told.notes["mistakes"] == {kind: 1}
    assert (told.notes["malformed"], told.notes["calls"], told.notes["useful"]) == (1, 3, 2)
    assert (told.notes["errors"], told.notes["corrected"]) == (1, 1)
    assert told.notes["ended"] == "finished"


def test_history_never_holds_arguments_that_a_server_could_not_parse(talk: Talking) -> None:
    told = talk([MISTAKES["broken_json"][0], MISTAKES["no_name"][0], calling(FINISH)])
    sent = [call for message in told.requests[-1].messages for call in message.tool_calls]
    assert [(call.name, call.raw, call.problem) for call in sent] == [
        ("write", "{}", ""),
        ("unnamed", "{}", ""),
    ]


def test_errors_of_tools_go_back_and_are_counted_apart(talk: Talking) -> None:
    told = talk(
        [
            calling(("read", {"path": "lepa.py"})),
            calling(("write", {"path": "other.py", "content": "x"})),
            calling(("read", {"path": "leap.py"})),
            calling(FINISH),
        ]
    )
    assert "did you mean leap.py?" in told.requests[1].messages[-1].content
    assert told.notes["failures"] == {"error": 1, "refused": 1}
    assert (told.notes["failed"], told.notes["malformed"]) == (2, 0)
    assert (told.notes["errors"], told.notes["corrected"]) == (2, 1), "write was never put right"
    assert told.notes["useful"] == 2


def test_other_names_are_understood_and_counted(talk: Talking) -> None:
    told = talk([calling(("write_file", {"file_path": "leap.py", "content": GOOD})), calling(FINISH)])
    assert told.notes["by_name"] == {"write": 1, "finish": 1}
    assert told.notes["repaired"] == 1
    step = next(event.step for event in told.events if isinstance(event, ToolEvent))
    assert step.details == {"repaired": ["write_file → write", "file_path → path"]}


def test_a_server_that_cannot_parse_calls_is_left_for_plain_text(talk: Talking) -> None:
    def reply(request: Request) -> Any:
        if request.tools:
            if len(request.messages) < 4:
                return calling(("read", {"path": "leap.py"}))
            return ProtocolError("http://x answered 500: Failed to parse input at pos 4", raw="<tool")
        if "is_leap" in request.messages[-1].content and "replaced" not in request.messages[-1].content:
            return written("write", {"path": "leap.py", "content": GOOD})
        return "All done."

    told = talk(reply)
    assert told.workspace.read("leap.py").decode() == GOOD
    assert told.notes["protocol"] == "text"
    assert told.notes["fell_back"] == "iteration 2: http://x answered 500: Failed to parse input at pos 4"
    assert told.notes["ended"] == "answered"
    after = next(request for request in told.requests if not request.tools)
    assert [message.role for message in after.messages] == ["system", "user", "assistant", "user"]
    assert '<call name="read">\n<arg name="path">leap.py</arg>\n</call>' in after.messages[2].content
    assert after.messages[3].content.startswith('<result of="read">')
    assert "write: Create a file" in after.messages[0].content


def test_native_alone_does_not_fall_back(talk: Talking) -> None:
    with pytest.raises(ProtocolError):
        talk([ProtocolError("Failed to parse input")], protocol="native")


def test_too_many_answers_without_a_readable_call_change_the_form_then_end(talk: Talking) -> None:
    told = talk(lambda request: Completion(content="", finish=Finish.TOOL_CALLS), max_format_retries=1)
    assert told.notes["fell_back"] == "iteration 3: 2 answers in a row without a call that can be done"
    assert told.notes["ended"] == "answered", "in plain text an answer without a call is an end"

    told = talk(
        lambda request: Completion(content="", finish=Finish.TOOL_CALLS),
        max_format_retries=1,
        protocol="native",
        folder="native",
    )
    assert (told.notes["ended"], told.notes["iterations"]) == ("format", 2)
    assert told.attempt.cut_short is Outcome.PROTOCOL_ERROR


def test_required_sends_words_back(talk: Talking) -> None:
    told = talk([completion("I think it is fine."), calling(FINISH)], tool_choice="required")
    assert told.requests[0].tool_choice == "required"
    assert told.last == Message("user", "your answer calls no tool; call one (to end, the one that ends)")
    assert told.notes["mistakes"] == {"no_call": 1}


def test_none_shows_the_tools_and_takes_whole_files(talk: Talking) -> None:
    told = talk([completion(f"`leap.py`\n```python\n{GOOD}```")], tool_choice="none")
    assert told.requests[0].tool_choice == "none"
    assert told.requests[0].tools
    question = told.requests[0].messages[-1].content
    assert "in one fenced code block" in question
    assert "`leap.py`\n```\ndef is_leap(year):\n    raise NotImplementedError\n```" in question
    assert told.workspace.read("leap.py").decode() == GOOD


def test_max_iterations_ends_and_leaves_what_is_there(talk: Talking) -> None:
    told = talk(
        [calling(WRITE), *(calling(("read", {"path": "notes.txt", "start_line": n})) for n in range(1, 9))],
        max_iterations=4,
    )
    assert (told.notes["ended"], told.notes["iterations"]) == ("max_iterations", 4)
    assert told.attempt.cut_short is Outcome.BUDGET_EXHAUSTED
    assert told.workspace.changed()


def test_a_loop_gets_one_hint_and_then_ends(talk: Talking) -> None:
    told = talk(lambda request: calling(("read", {"path": "leap.py"})))
    assert (told.notes["ended"], told.notes["iterations"]) == ("loop", 4)
    hints = [
        message
        for message in told.requests[-1].messages
        if message.role == "tool" and "you have made this very call 3 times" in message.content
    ]
    assert len(hints) == 1
    assert told.notes["useful"] == 1
    assert told.notes["repeated"] == 3


def test_the_same_call_on_other_files_is_no_loop(talk: Talking) -> None:
    replies = []
    for number in range(6):
        replies += [
            calling(("write", {"path": "leap.py", "content": f"{number}\n"})),
            calling(("read", {"path": "leap.py"})),
        ]
    told = talk([*replies, calling(FINISH)])
    assert told.notes["ended"] == "finished"
    assert "repeated" not in told.notes


def test_an_end_waits_for_what_is_required(talk: Talking) -> None:
    told = talk(
        [completion("Done."), calling(FINISH), calling(WRITE), calling(FINISH)],
        require_code_change=True,
        min_tool_calls=1,
    )
    few, unchanged = "1 tool calls or more are wanted, and there were 0", "no file was changed yet"
    both = f"You can't end yet: {few}; {unchanged}. Go on."
    assert [told.requests[n].messages[-1].content for n in (1, 2)] == [both, both]
    assert told.notes["early_ends"] == 2
    assert told.notes["failures"] == {"too_early": 1}
    assert told.notes["ended"] == "finished"
    assert told.workspace.changed()


@pytest.mark.usefixtures("isolating_sandbox")
def test_a_file_beside_the_answer_is_no_change_of_the_code(talk: Talking) -> None:
    notes = ("shell", {"command": "echo 1 > mine.txt; echo 2 > notes.txt"})
    told = talk(
        [calling(notes), calling(FINISH), calling(WRITE), calling(FINISH)],
        tools=["shell", "write", "finish"],
        require_code_change=True,
        boxed=True,
    )
    assert "no file was changed yet" in told.requests[2].messages[-1].content
    assert set(told.workspace.changed()) == {"leap.py", "mine.txt"}
    assert told.notes["undone"] == 1


def test_reminders_end_too(talk: Talking) -> None:
    told = talk(lambda request: "Done.", require_code_change=True, max_format_retries=2)
    assert (told.notes["ended"], told.notes["iterations"]) == ("answered", 3)


def test_code_in_an_answer_is_written_only_where_that_is_wanted(talk: Talking) -> None:
    answer = f"`leap.py`\n```python\n{GOOD}```"
    options = {"tool_choice": "required", "protocol": "native", "max_format_retries": 1}
    told = talk(lambda request: answer, **options)
    assert told.workspace.changed() == {}
    assert told.notes["ended"] == "format"

    told = talk(lambda request: answer, folder="auto", auto_tool_call_on_failure=True, **options)
    assert told.workspace.read("leap.py").decode() == GOOD
    assert (told.notes["ended"], told.notes["auto_calls"]) == ("auto_calls", 1)
    assert told.attempt.cut_short is None


def test_an_answer_cut_by_its_limit_is_told_so(talk: Talking) -> None:
    cut = completion("I will now", finish=Finish.LENGTH)
    told = talk([cut, calling(FINISH)])
    assert "reached its limit of tokens before it called a tool" in told.requests[1].messages[-1].content
    assert told.notes["mistakes"] == {"cut_off": 1}
    ended = talk(lambda request: cut, folder="cut", protocol="native")
    assert ended.notes["ended"] == "format"
    assert ended.attempt.cut_short is None, "the finish reason says already that its budget was exhausted"


def test_old_results_make_room_and_the_newest_stay_whole(talk: Talking) -> None:
    def reply(request: Request) -> Completion:
        told = sum(len(message.content) for message in request.messages)
        number = sum(message.role == "assistant" for message in request.messages)
        if number == 4:
            return calling(FINISH, prompt_tokens=told // 4)
        return calling(("read", {"path": "notes.txt", "start_line": 1 + number}), prompt_tokens=told // 4)

    profile = ModelProfile(name="scripted", reasoning=Reasoning(answer_tokens=100))
    free = talk(reply, profile=profile)
    results = [message.content for message in free.requests[-1].messages if message.role == "tool"]
    assert "shortened" not in free.notes
    most = sum(len(message.content) for message in free.requests[-1].messages) // 4

    tight = talk(reply, profile=profile, context_tokens=most - 500, folder="tight")
    cut = [message.content for message in tight.requests[-1].messages if message.role == "tool"]
    assert tight.notes["shortened"] >= 1
    assert "of this old result were left out to save room" in cut[0]
    assert cut[-1] == results[-1]
    assert sum(map(len, cut)) < sum(map(len, results))
    assert all(
        sum(len(message.content) for message in request.messages) // 4 <= most - 500
        for request in tight.requests
    )


def test_an_overflow_is_tried_once_more_with_less_and_then_passes(talk: Talking) -> None:
    def reply(request: Request) -> Completion | ContextOverflowError:
        if sum(len(message.content) for message in request.messages) > 6000:
            return ContextOverflowError("too long")
        number = sum(message.role == "assistant" for message in request.messages)
        return calling(("read", {"path": "notes.txt", "start_line": 1 + number}))

    with pytest.raises(ContextOverflowError):
        talk(reply, tool_options={"read": {"max_chars": 9000}})
    told = talk(reply, folder="less", max_iterations=4, tool_options={"read": {"max_chars": 3000}})
    assert told.notes["ended"] == "max_iterations"
    assert told.notes["shortened"] >= 1


def test_a_further_try_goes_on_in_the_same_conversation(talk: Talking) -> None:
    replies = [calling(WRITE), calling(FINISH), calling(("read", {"path": "leap.py"})), calling(FINISH)]
    told = talk(replies, feedback="test_1900 failed")
    second = told.requests[2].messages
    assert second[: len(told.requests[1].messages)] == told.requests[1].messages
    assert "test_1900 failed" in second[-1].content
    assert told.notes["iterations"] == 2, "each try is counted by itself"


def test_how_to_think_and_what_to_keep_come_from_the_options(talk: Talking) -> None:
    profile = ModelProfile(name="t", reasoning=Reasoning(style="separate", enabled=True, think_tokens=10))
    thought = calling(("read", {"path": "leap.py"}))
    thoughtful = Completion(
        content="", finish=thought.finish, tool_calls=thought.tool_calls, reasoning="Let me see."
    )
    told = talk(
        [thoughtful, calling(FINISH)], profile=profile, think_level="high", native_thinking=True, cache=False
    )
    assert told.requests[0].reasoning == Reasoning(
        style="separate", enabled=True, level="high", think_tokens=10, keep=True
    )
    assert told.requests[0].prompt_cache is False
    assert told.requests[1].messages[2].reasoning == "Let me see."


def test_a_second_agent_works_on_the_same_files_with_its_own_budget(talk: Talking) -> None:
    def reply(request: Request) -> Completion:
        names = {tool.name for tool in request.tools}
        number = sum(message.role == "assistant" for message in request.messages)
        if "ask_agent" in names:
            if number == 0:
                return calling(("ask_agent", {"question": "Fill in leap.py"}))
            return calling(FINISH)
        assert "Fill in leap.py" in request.messages[1].content
        if number == 0:
            return calling(WRITE)
        return calling(("finish", {"summary": "It is a formula."}))

    told = talk(reply, tools=["read", "write", "ask_agent", "finish"])
    assert told.workspace.read("leap.py").decode() == GOOD
    assert told.last.content == "It is a formula.\nfiles it changed: leap.py"
    assert told.notes["helpers"] == {"asked": 1, "iterations": 2, "calls": 2}
    assert told.notes["iterations"] == 2
    depths = [event.step.depth for event in told.events if isinstance(event, ToolEvent)]
    assert depths == [1, 1, 0, 0]


def test_a_second_agents_budget_ends_it(talk: Talking) -> None:
    def reply(request: Request) -> Completion:
        if "ask_agent" in {tool.name for tool in request.tools}:
            number = sum(message.role == "assistant" for message in request.messages)
            return calling(("ask_agent", {"question": "look"})) if number == 0 else calling(FINISH)
        number = sum(message.role == "assistant" for message in request.messages)
        return calling(("read", {"path": "notes.txt", "start_line": number + 1}))

    tools = ["read", "ask_agent", "finish"]
    told = talk(reply, tools=tools, helper={"max_iterations": 3, "max_tokens": 1000, "max_depth": 1})
    assert told.last.content == "files it changed: none\nit was ended: max_iterations"
    told = talk(reply, tools=tools, folder="t", helper={"max_iterations": 9, "max_tokens": 6, "max_depth": 1})
    assert told.last.content == "files it changed: none\nit was ended: max_tokens"
    assert told.notes["helpers"]["iterations"] == 2


def test_tests_that_a_task_shows_are_run_in_the_box(talk: Talking) -> None:
    script = [
        calling(("run_tests", {})),
        calling(WRITE),
        calling(("run_tests", {})),
        calling(("shell", {"command": "echo made > notes.txt; ls"})),
        calling(FINISH),
    ]
    told = talk(script, boxed=True, tools=["write", "run_tests", "run_type_check", "shell", "finish"])
    results = [message.content for message in told.requests[-1].messages if message.role == "tool"]
    assert "NotImplementedError" in results[0]
    assert "ok" in results[2]
    assert told.notes["failures"] == {"failed": 1}
    assert (told.notes["errors"], told.notes["corrected"]) == (1, 1)
    assert told.notes["unavailable"] == {"run_type_check": "this task names no type checker"}
    assert "run_type_check" not in {tool.name for tool in told.requests[0].tools}
    shelled = next(e.step for e in told.events if isinstance(e, ToolEvent) and e.step.name == "shell")
    assert shelled.before == shelled.after, "what may not be changed is as before"
    assert shelled.details == {"refused": ["notes.txt"]}


def test_reasoning_is_dropped_from_the_history_unless_it_is_to_be_kept(talk: Talking) -> None:
    called = calling(("read", {"path": "leap.py"}))
    thoughtful = Completion(
        content="", finish=called.finish, tool_calls=called.tool_calls, reasoning="Let me see."
    )
    told = talk([thoughtful, calling(FINISH)])
    assert [message.reasoning for message in told.requests[1].messages] == ["", "", "", ""]
