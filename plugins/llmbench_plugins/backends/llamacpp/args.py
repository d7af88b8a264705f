"""Arguments of llama.cpp servers: ``llama-server``'s own, and what the embedded server makes of them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from llmbench.errors import UsageError
from llmbench_plugins.backends.llamacpp.weights import Wanted

_FLAG = re.compile(r"(?<![\w-])--?[a-zA-Z][\w-]*")

_OURS = {
    "backend.port": ("--port",),
    "backend.slots": ("-np", "--parallel"),
    "model.sources.llamacpp.context": ("-c", "--ctx-size"),
    "model.sources.llamacpp.path": ("-m", "--model", "-hf", "-hfr", "--hf-repo", "-hff", "--hf-file"),
    "backend.server=attach, for another host": ("--host",),
}
_VALUED: Mapping[tuple[str, ...], tuple[tuple[str, ...], type]] = {
    ("-t", "--threads"): (("cpuparams.n_threads",), int),
    ("-tb", "--threads-batch"): (("cpuparams_batch.n_threads",), int),
    ("-ngl", "--gpu-layers", "--n-gpu-layers"): (("n_gpu_layers",), int),
    ("-mg", "--main-gpu"): (("main_gpu",), int),
    ("-b", "--batch-size"): (("n_batch",), int),
    ("-ub", "--ubatch-size"): (("n_ubatch",), int),
    ("-fa", "--flash-attn"): (("flash_attn_type",), str),
    ("-sm", "--split-mode"): (("split_mode",), str),
    ("-ctk", "--cache-type-k"): (("cache_type_k",), str),
    ("-ctv", "--cache-type-v"): (("cache_type_v",), str),
    ("-cram", "--cache-ram"): (("cache_ram_mib",), int),
    ("--chat-template",): (("chat_template",), str),
    ("-lv", "--verbosity", "--log-verbosity"): (("verbosity",), int),
    ("--reasoning-format",): (("reasoning_format",), str),
    ("--rope-freq-base",): (("rope_freq_base",), float),
    ("--rope-freq-scale",): (("rope_freq_scale",), float),
}
_BARE: Mapping[tuple[str, ...], tuple[str, Any]] = {
    ("--jinja",): ("use_jinja", True),
    ("--no-jinja",): ("use_jinja", False),
    ("--no-warmup",): ("warmup", False),
    ("--swa-full",): ("swa_full", True),
    ("-nkvo", "--no-kv-offload"): ("no_kv_offload", True),
    ("--no-cont-batching", "-nocb"): ("cont_batching", False),
}
_WORDS = {"on": "enabled", "off": "disabled", "1": "enabled", "0": "disabled"}


def refuse_ours(extra_args: Iterable[str]) -> None:
    """Refuse arguments that have an option of their own.

    Raises:
        UsageError: naming that option.
    """
    for argument in extra_args:
        flag = argument.partition("=")[0]
        for key, flags in _OURS.items():
            if flag in flags:
                raise UsageError(f"backend.extra_args: '{flag}' is set by llmbench; use {key}")


def flags_in(help_text: str) -> frozenset[str]:
    """Return the flags that a ``--help`` text speaks of."""
    return frozenset(_FLAG.findall(help_text))


def server_arguments(
    weights: Iterable[str], *, host: str, port: int, wanted: Wanted, known: frozenset[str]
) -> tuple[str, ...]:
    """Return the arguments of ``llama-server``; what this build does not know is left out."""
    optional = [flag for flag in ("--metrics", "--slots", "--jinja", "--no-kv-unified") if flag in known]
    return (
        *weights,
        *("--host", host, "--port", str(port)),
        *("-c", str(wanted.context * wanted.slots), "-np", str(wanted.slots)),
        *optional,
        *_thinking(wanted, known),
        *wanted.extra_args,
    )


def _thinking(wanted: Wanted, known: frozenset[str]) -> tuple[str, ...]:
    """Return the budget for thinking as far as this build knows one; the profile's own arguments win."""
    budget, reasoning = "--reasoning-budget", wanted.reasoning
    if reasoning.style == "none" or budget not in known or budget in wanted.extra_args:
        return ()
    if not reasoning.enabled:
        return (budget, "0")
    # Older builds take only -1 and 0; the message came with the budgets between.
    counts = f"{budget}-message" in known and reasoning.think_tokens > 0
    return (budget, str(reasoning.think_tokens)) if counts else ()


def embedded_settings(*, model: str, port: int, wanted: Wanted) -> dict[str, Any]:
    """Return the same for the embedded server: fields of ``CommonParams`` by dotted name.

    Raises:
        UsageError: an argument that the embedded server does not take.
    """
    settings: dict[str, Any] = {
        "model.path": model,
        "hostnames": ["127.0.0.1"],
        "port": port,
        "n_ctx": wanted.context * wanted.slots,
        "n_parallel": wanted.slots,
        "kv_unified": False,
        "endpoint_metrics": True,
        "endpoint_slots": True,
        "ui": False,
    }
    if wanted.reasoning.enabled and wanted.reasoning.think_tokens:
        settings["sampling.reasoning_budget_tokens"] = wanted.reasoning.think_tokens
    settings.update(_translated(iter(wanted.extra_args)))
    return settings


def _translated(arguments: Iterator[str]) -> Iterator[tuple[str, Any]]:
    for argument in arguments:
        flag, equals, value = argument.partition("=")
        for flags, (name, setting) in _BARE.items():
            if flag in flags:
                yield name, setting
                break
        else:
            for flags, (names, kind) in _VALUED.items():
                if flag in flags:
                    yield from (
                        (name, _value(flag, value if equals else next(arguments, ""), kind)) for name in names
                    )
                    break
            else:
                raise UsageError(_unknown(argument))


def _value(flag: str, value: str, kind: type) -> Any:
    try:
        return kind(_WORDS.get(value, value) if flag in ("-fa", "--flash-attn") else value)
    except ValueError:
        raise UsageError(f"backend.extra_args: '{flag}' expects a number, got '{value}'") from None


def _unknown(argument: str) -> str:
    known = sorted(flag for flags in (*_VALUED, *_BARE) for flag in flags)
    return (
        f"backend.extra_args: the embedded server does not take '{argument}'; it takes {', '.join(known)}; "
        "backend.server=binary takes all that llama-server knows"
    )
