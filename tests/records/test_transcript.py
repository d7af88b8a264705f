"""The transcript: durable completions, and a submission that comes back as it was."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from llmbench.api import Completion, Finish, Message, Outcome, Request, Sampling, ToolCall, Verdict
from llmbench.records.masking import Mask
from llmbench.records.transcript import (
    CompletionEvent,
    SubmissionEvent,
    Transcript,
    VerdictEvent,
    last_submission,
    read_transcript,
    request_digest,
)

NO_MASK = Mask({})


def completion_event(call: int, content: str = "x") -> CompletionEvent:
    call_made = ToolCall(id="1", name="ls", arguments={"path": "."}, raw="{}")
    return CompletionEvent(
        number=1,
        call=call,
        digest=f"d{call}",
        messages=(Message("user", "?"),),
        completion=Completion(content=content, finish=Finish.STOP, tool_calls=(call_made,), raw={"a": [1]}),
        task="t",
    )


def test_events_come_back_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "deep/er/transcript.jsonl"
    transcript = Transcript(path, NO_MASK)
    events = [
        completion_event(0),
        SubmissionEvent.of(1, {"a.py": b"x\n"}, ["b"], {"how": "named"}),
        VerdictEvent(number=1, verdict=Verdict(outcome=Outcome.FAILED, reason="no"), feedback="again"),
    ]
    for event in events:
        transcript.append(event)
    transcript.close()
    assert read_transcript(path) == events


def test_a_torn_event_is_cut_off_before_more_is_written(tmp_path: Path) -> None:
    path = tmp_path / "transcript.jsonl"
    for _ in range(2):
        transcript = Transcript(path, NO_MASK)
        transcript.append(completion_event(len(transcript.earlier)))
        transcript.close()
    path.write_bytes(path.read_bytes()[:-7])
    transcript = Transcript(path, NO_MASK)
    assert [event.call for event in transcript.stored_answers()] == [0]
    transcript.append(completion_event(1, "again"))
    transcript.close()
    answered = [event for event in read_transcript(path) if isinstance(event, CompletionEvent)]
    assert [event.completion.content for event in answered] == ["x", "again"]
    assert Transcript(path, NO_MASK).stored_answers() == answered


def test_unknown_events_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "transcript.jsonl"
    path.write_text('{"event": "of a later version", "x": 1}\n')
    assert read_transcript(path) == []


def test_an_ungraded_verdict_is_not_reused(tmp_path: Path) -> None:
    path = tmp_path / "transcript.jsonl"
    transcript = Transcript(path, NO_MASK)
    transcript.append(VerdictEvent(number=1, verdict=Verdict(outcome=Outcome.INFRA_ERROR)))
    transcript.close()
    assert Transcript(path, NO_MASK).stored_verdict(1) is None


@given(st.dictionaries(st.text(min_size=1), st.binary()))
def test_any_file_survives_submission(files: dict[str, bytes]) -> None:
    assert SubmissionEvent.of(1, files, (), {}).files == files


def test_the_digest_is_about_what_is_asked_and_not_by_whom() -> None:
    one = Request(messages=(Message("user", "a"),), max_tokens=5, task="x", sample=1)
    same = Request(messages=(Message("user", "a"),), max_tokens=5, task="y", sample=2)
    assert request_digest(one) == request_digest(same)
    for other in (
        Request(messages=(Message("user", "b"),), max_tokens=5),
        Request(messages=(Message("user", "a"),), max_tokens=6),
        Request(messages=(Message("user", "a"),), max_tokens=5, seed=1),
        Request(messages=(Message("user", "a"),), max_tokens=5, sampling=Sampling(top_k=1)),
    ):
        assert request_digest(other) != request_digest(one)


def test_the_last_submission_is_found_without_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "transcript.jsonl"
    assert last_submission(path) is None
    transcript = Transcript(path, Mask({}))
    for number, text in enumerate((b"first", b'{"event":"submission"}\n\xff'), start=1):
        transcript.append(SubmissionEvent.of(number, {"a.py": text}, (), {}))
        transcript.append(VerdictEvent(number=number, verdict=Verdict(outcome=Outcome.FAILED)))
    transcript.close()
    found = last_submission(path)
    assert found is not None
    assert (found.number, found.files) == (2, {"a.py": b'{"event":"submission"}\n\xff'})
    with path.open("ab") as file:
        file.write(b'{"event":"submission","number":3,"te\n')
    assert last_submission(path) is None
