"""Writes a network and its tokenizer as GGUF."""

import json
from pathlib import Path

import gguf
import numpy as np
from chat import END, END_OF_TEXT, SPECIALS
from network import Shape
from tokenizers import Tokenizer


def write(
    path: Path,
    *,
    name: str,
    weights: dict[str, np.ndarray],
    shape: Shape,
    tokenizer: Tokenizer,
    chat_template: str,
) -> None:
    """Write matrices as 16-bit and vectors as 32-bit floats."""
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name(name)
    writer.add_license("MIT")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    _add_sizes(writer, shape)
    _add_tokenizer(writer, tokenizer)
    writer.add_chat_template(chat_template)
    for key, value in weights.items():
        array = np.asarray(value)
        writer.add_tensor(key, array.astype(np.float16 if array.ndim == 2 else np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_sizes(writer: gguf.GGUFWriter, shape: Shape) -> None:
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.hidden)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.heads)
    writer.add_layer_norm_rms_eps(shape.norm_epsilon)
    writer.add_rope_dimension_count(shape.width // shape.heads)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_vocab_size(shape.vocabulary)


def _add_tokenizer(writer: gguf.GGUFWriter, tokenizer: Tokenizer) -> None:
    content = json.loads(tokenizer.to_str())["model"]
    ids = content["vocab"]
    tokens = sorted(ids, key=ids.__getitem__)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types(
        [gguf.TokenType.CONTROL if token in SPECIALS else gguf.TokenType.NORMAL for token in tokens]
    )
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in content["merges"]]
    writer.add_token_merges(merges)
    writer.add_bos_token_id(ids[END_OF_TEXT])
    writer.add_pad_token_id(ids[END_OF_TEXT])
    writer.add_eos_token_id(ids[END])
    writer.add_eot_token_id(ids[END])
    writer.add_add_bos_token(False)
    writer.add_add_eos_token(False)
