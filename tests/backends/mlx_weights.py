"""Write a tiny MLX model whose next token depends on the last one alone: ``python mlx_weights.py FOLDER``.

Attention and MLP add nothing, the embedding is one-hot, and the head maps each token to its successor. What
the model says is therefore written down here, and the chat template chooses where it begins.
"""

import itertools
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

EOS = "<eos>"
CHAINS = (
    ("<say>", "Hello", " world", EOS),
    ("<think>", "Hm.", "</think>", "So be it", EOS),
    ("<ask>", "<tool_call>", '{"name": "add", "arguments": {"numbers": [1, 2]}}', "</tool_call>", EOS),
    # A token has one successor, so each of these stands in one chain only.
    ("<mangle>", "\n<tool_call>", '{"name": "add", "argum', "\n</tool_call>", EOS),
    ("<half>", "<tool_call>\n", '{"name": "add", "arguments": {}}', "</tool_call>\n<tool_call>", "{", EOS),
    ("<babble>", " and", " on", " and on", " and"),
)
MARKS = frozenset(
    word
    for chain in CHAINS
    for word in chain
    if word.startswith("<") and word.endswith(">") and "\n" not in word
)
"""Tokens that a prompt may hold."""
TEMPLATE = """{%- for message in messages %}{{ message.role }}: {{ message.content }}
{% endfor -%}
{#- mlx-lm tells the kind of tool calls by these words: <tool_call> tool_call.name -#}
{%- set last = messages[-1].content -%}
{%- if tools and 'mangle' in last %}<mangle>{% elif tools and 'half' in last %}<half>
{%- elif tools %}<ask>{% elif 'babble' in last %}<babble>
{%- elif enable_thinking %}<think>{% else %}<say>{% endif -%}"""
CONFIG = {
    "model_type": "llama",
    "num_hidden_layers": 2,
    "intermediate_size": 16,
    "num_attention_heads": 4,
    "rms_norm_eps": 1e-5,
    "max_position_embeddings": 32768,
    "tie_word_embeddings": False,
}


def main(folder: Path) -> None:
    """Write config, tokenizer and weights."""
    folder.mkdir(parents=True, exist_ok=True)
    words = list(dict.fromkeys(word for chain in CHAINS for word in chain))
    spelled = [word if word in MARKS else _spelled(word) for word in words]
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    names = [*alphabet, *(word for word in spelled if word not in alphabet)]
    ids = {name: number for number, name in enumerate(names)}
    tokenizer = Tokenizer(models.BPE(vocab=ids, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_tokens([AddedToken(mark, special=mark == EOS) for mark in sorted(MARKS)])
    tokenizer.save(str(folder / "tokenizer.json"))
    size = -(-len(names) // 8) * 8
    config = {**CONFIG, "hidden_size": size, "vocab_size": size, "eos_token_id": ids[EOS]}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    about = {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": EOS, "chat_template": TEMPLATE}
    (folder / "tokenizer_config.json").write_text(json.dumps(about), encoding="utf-8")
    steps = [(ids[a], ids[b]) for a, b in _steps(dict(zip(words, spelled, strict=True)))]
    save_file(_weights(size, steps), folder / "model.safetensors")


def _spelled(word: str) -> str:
    (piece,) = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False).pre_tokenize_str(word)
    return str(piece[0])


def _steps(spelled: dict[str, str]) -> Iterator[tuple[str, str]]:
    for chain in CHAINS:
        for word, successor in itertools.pairwise(chain):
            yield spelled[word], spelled[successor]


def _weights(size: int, steps: list[tuple[int, int]]) -> dict[str, np.ndarray]:
    head = np.zeros((size, size), dtype=np.float32)
    for token, successor in steps:
        head[successor, token] = 10.0
    weights = {
        "model.embed_tokens.weight": np.eye(size, dtype=np.float32),
        "model.norm.weight": np.ones(size, dtype=np.float32),
        "lm_head.weight": head,
    }
    inner = CONFIG["intermediate_size"]
    shapes = {f"self_attn.{name}_proj": (size, size) for name in "qkvo"}
    shapes |= {"mlp.gate_proj": (inner, size), "mlp.up_proj": (inner, size), "mlp.down_proj": (size, inner)}
    for layer in range(int(str(CONFIG["num_hidden_layers"]))):
        prefix = f"model.layers.{layer}"
        weights |= {f"{prefix}.{name}.weight": np.zeros(shape, np.float32) for name, shape in shapes.items()}
        for norm in ("input_layernorm", "post_attention_layernorm"):
            weights[f"{prefix}.{norm}.weight"] = np.ones(size, dtype=np.float32)
    return weights


if __name__ == "__main__":
    main(Path(sys.argv[1]))
