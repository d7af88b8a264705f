"""Words of servers: why an answer ended, and that a context is full."""

import pytest

from llmbench.api import Finish
from llmbench.errors import BackendError, ContextOverflowError
from llmbench_plugins.backends.shared.faults import BusyError, RefusedError, error_of, fault_in, fault_of
from llmbench_plugins.backends.shared.finishes import finish_of, finish_word, is_fault


@pytest.mark.parametrize(
    ("word", "finish"),
    [
        ("stop", Finish.STOP),
        ("STOP", Finish.STOP),
        ("eos_token", Finish.STOP),
        ("eosFound", Finish.STOP),
        ("end-turn", Finish.STOP),
        ("FinishReason.STOP", Finish.STOP),
        ("FINISH_REASON_MAX_TOKENS", Finish.LENGTH),
        ("maxPredictedTokensReached", Finish.LENGTH),
        ("model_length", Finish.LENGTH),
        ("tool_use", Finish.TOOL_CALLS),
        ("MALFORMED_FUNCTION_CALL", Finish.TOOL_CALLS),
        ("RECITATION", Finish.CONTENT_FILTER),
        ("sensitive", Finish.CONTENT_FILTER),
        ("end", None),
        ("", None),
    ],
)
def test_finish_reasons_are_known_in_any_spelling(word: str, finish: Finish | None) -> None:
    assert finish_of(word) is finish
    assert not is_fault(word)


@pytest.mark.parametrize(
    "word", ["abort", "ABORTED", "network_error", "insufficient_system_resource", "error"]
)
def test_some_finish_reasons_are_failures_of_the_server(word: str) -> None:
    assert is_fault(word)
    assert finish_of(word) is None


def test_a_finish_reason_may_be_an_object() -> None:
    assert finish_word({"type": "length", "length": 9}) == "length"
    assert finish_word(None) == ""


FULL = [
    "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens",
    "This model's maximum prompt length is 131072 but the request contains 150000 tokens.",
    "Your input exceeds the context window of this model.",
    "Input tokens exceed the configured limit of 272000 tokens.",
    "prompt is too long: 210331 tokens > 200000 maximum",
    "input length and `max_tokens` exceed context limit: 199211 + 20000 > 200000",
    "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
    "The decoder prompt (length 9000) is longer than the maximum model length of 8192.",
    "max_tokens must be at least 1, got -808",
    "The input (9012 tokens) is longer than the model's context length (8192 tokens).",
    "Input length (9000 tokens) exceeds the maximum allowed length (8192 tokens).",
    "Trying to keep the first 5011 tokens when context the overflows.",
    "Reached context length of 4096 tokens with model (arch: qwen3)",
    "The number of tokens to keep from the initial prompt is greater than the context length.",
    "n_keep (9000) >= n_ctx (8192)",
    "request (1234 tokens) exceeds the available context size (512 tokens), try increasing it",
    "Context size has been exceeded.",
    "Requested tokens (9000) exceed context window of 8192",
    "the input length exceeds the context length",
    "`inputs` must have less than 1024 tokens. Given: 3000",
    "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens",
    "Request length 71599 + 2048 is greater than max_seq_len 65536",
    "Job requires 40 pages (only 32 available) and cannot be enqueued.",
    "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
    "Invalid request: Your request exceeded model token limit: 8192",
    "invalid params, context window exceeds limit (2013)",
    "The estimated number of input and maximum output tokens (5000) exceeded this model context window limit",
    "Input is too long for requested model.",
    "too many tokens: total number of tokens in the prompt cannot exceed 4081",
    "Please reduce the length of the messages or completion.",
    "Range of input length should be [1, 30720]",
    "Prompt exceeds max length",
    "Request body too large for gpt-4o model. Max size: 8000 tokens.",
]


@pytest.mark.parametrize("message", FULL)
def test_a_full_context_is_told_by_the_words_of_every_server(message: str) -> None:
    fault = fault_in({"error": {"message": message}})
    assert fault is not None
    error = error_of(fault, url="u")
    assert isinstance(error, ContextOverflowError)
    assert message[:60] in str(error), "with the server's numbers"


OTHERS = [
    (429, "Request too large for model `x` on tokens per minute (TPM): Limit 6000, Requested 7000"),
    (400, "max_tokens is too large: 100000. This model supports at most 16384 completion tokens"),
    (400, "'temperature' does not support 0 with this model"),
    (500, "CUDA out of memory. Try a smaller context length, it exceeds what fits"),
    (413, "Payload too large: request body exceeds 4 MB"),
    (402, "This request requires more credits, or fewer max_tokens. You requested up to 65536 tokens"),
    (401, "Incorrect API key provided"),
]


@pytest.mark.parametrize(("status", "message"), OTHERS)
def test_other_limits_are_no_full_context(status: int, message: str) -> None:
    error = error_of(fault_of(status, message.encode()), url="u")
    assert not isinstance(error, ContextOverflowError)


@pytest.mark.parametrize(
    ("body", "words", "kind"),
    [
        ({"error": "boom"}, "boom", BackendError),
        ({"error": {"message": "later", "code": "429"}}, "later", BusyError),
        ({"error": {"message": "later", "type": "rate_limit_error"}}, "later", BusyError),
        (
            {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
            "Over",
            BusyError,
        ),
        ({"detail": "model overloaded"}, "model overloaded", BackendError),
        ({"detail": [{"msg": "no", "loc": ["body", "seed"]}]}, r"no \(body.seed\)", BackendError),
        ({"message": "gone", "code": 500}, "gone", BackendError),
        ({"object": "error", "message": "bad", "code": 400}, "bad", RefusedError),
        ({"errors": [{"message": "first"}], "success": False}, "first", BackendError),
        ({"base_resp": {"status_code": 1004, "status_msg": "login"}}, "login", BackendError),
        ({"choices": [{"error": {"message": "provider died", "code": 502}}]}, "provider died", BusyError),
        ({"choices": [{"delta": {}}], "error": {"message": "late"}}, "late", BackendError),
    ],
)
def test_an_error_is_found_wherever_it_stands(body: dict[str, object], words: str, kind: type) -> None:
    fault = fault_in(body)
    assert fault is not None
    with pytest.raises(kind, match=words):
        raise error_of(fault, url="u")


@pytest.mark.parametrize(
    "body",
    [
        {"choices": [{"delta": {"content": "x"}}], "error": None},
        {"choices": [], "usage": {"prompt_tokens": 1}},
        {"choices": [], "prompt_filter_results": []},
        {"type": "ping"},
        {"message": {"role": "assistant", "content": "x"}, "done": False},
        {"base_resp": {"status_code": 0, "status_msg": ""}},
    ],
)
def test_what_is_no_error_is_none(body: dict[str, object]) -> None:
    assert fault_in(body) is None
