"""How servers say that prompt and answer do not fit their context: one table of wordings for all faults."""

import re

KINDS = frozenset(
    {
        "exceed_context_size_error",
        "context_length_exceeded",
        "contextwindowexceedederror",
        "context_window_exceeded",
        "model_context_window_exceeded",
        "tokens_limit_reached",
        "string_above_max_length",
        "prompt_too_long",
        "input_too_long",
    }
)
"""Types and codes that mean nothing else."""

_WINDOW = r"(?:context|sequence|prompt|input|model|token)[ _-]?(?:length|size|window|limit|len|budget)s?"
_TOO_MUCH = (
    r"(?:exceed|longer than|larger than|greater than|bigger than|more than|too (?:long|large|big|many|small)"
    r"|overflow|beyond|reached|not enough|cannot fit|can't fit|does(?:n't| not) fit|surpass"
    r"|must be less than)"
)
_PATTERNS = (
    # OpenAI, vLLM, Together, Fireworks, OpenRouter, DeepSeek, xAI, Mistral
    r"maximum (?:context|prompt|input|model|sequence) (?:length|window|size)",
    # llama.cpp, llama-cpp-python, LM Studio, SGLang, Ollama, TabbyAPI, Cloudflare, Moonshot, MiniMax
    rf"{_WINDOW}.{{0,80}}{_TOO_MUCH}",
    rf"{_TOO_MUCH}.{{0,80}}{_WINDOW}",
    r"context the overflows|context shift is (?:disabled|not supported)",
    r"context (?:is )?full|context overflow",
    r"\bn_keep\b|\bn_ctx\b|max[_ ]seq[_ ]len|max[_ ]model[_ ]len|max[_ ]position[_ ]embeddings",
    # Anthropic, Bedrock, Cohere, Zhipu, Gemini, Vertex, GitHub Models
    r"(?:prompt|inputs?|messages?|request(?: body)?) (?:is |are )?too (?:long|large|big) for (?:\S+ )*model",
    r"(?:prompt|input) (?:is |are )?too long\b",
    r"too many (?:input |prompt )?tokens\b(?!.{0,40}\bper\b)",
    r"(?:prompt|input) (?:exceeds max|exceeds the (?:length )?limit)|too long and exceeds limit",
    r"tokens in (?:the )?request more than|(?:input|prompt) token count",
    r"token count.{0,40}exceed|exceed.{0,60}number of (?:input |prompt )?tokens|tokens? .{0,40}exceeds? the",
    r"number of tokens.{0,80}(?:exceed|greater|larger|longer)",
    # TGI, Alibaba, Cerebras, Groq, vLLM with a negative remainder
    r"`?inputs`? (?:tokens \+|must have less than)|max_new_tokens`? must be <=",
    r"range of input length|reduce the length of the (?:messages|prompt|input|completion)",
    r"max_tokens must be at least 1, got -",
    # exllamav2 and exllamav3, below TabbyAPI
    r"job requires \d+ pages|prompt length \d+ is greater",
)
_OVERFLOW = re.compile("|".join(f"(?:{pattern})" for pattern in _PATTERNS), re.IGNORECASE | re.DOTALL)
_QUOTA = re.compile(
    r"out of memory|\bOOM\b|rate.?limit|per (?:minute|hour|day|second|month)|\b(?:TPM|RPM|TPD|RPD)\b"
    r"|quota|too many requests|concurren|credit|billing|payload|megabytes|\bMB\b",
    re.IGNORECASE,
)


def is_overflow(message: str, kinds: frozenset[str]) -> bool:
    """Say whether a fault means a full context; limits on what may be sent in a minute are none."""
    if KINDS & {kind.lower() for kind in kinds}:
        return True
    return _OVERFLOW.search(message) is not None and _QUOTA.search(message) is None
