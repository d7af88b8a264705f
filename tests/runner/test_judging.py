"""What the journal keeps of a try's answer."""

import pytest

from llmbench.api import Outcome, Verdict
from llmbench.runner.judging import try_record
from llmbench.testing.scripted import completion


@pytest.mark.parametrize(
    ("content", "marks"),
    [
        ("```python\nx = 1\n```<|im_end|>\n<|im_start|>user <|im_end|>", ("<|im_end|>", "<|im_start|>")),
        ("[INST] again [/INST]", ("[INST]", "[/INST]")),
        ("x<end_of_turn><start_of_turn>", ("<end_of_turn>", "<start_of_turn>")),
        ("a = b <| c |> d; f <|> g; <s>old</s> <INST> 'a|b' || [inst] <|A B|>", ()),
        ("", ()),
    ],
)
def test_marks_of_chat_templates_are_noted_once_each(content: str, marks: tuple[str, ...]) -> None:
    kept = try_record(1, Verdict(outcome=Outcome.FAILED), completion(content))
    assert kept.template_marks == marks


def test_where_no_model_was_asked_there_is_no_answer_to_look_at() -> None:
    kept = try_record(1, Verdict(outcome=Outcome.FAILED), None)
    assert (kept.template_marks, kept.answer_digest) == ((), "")
