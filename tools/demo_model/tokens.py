"""The tokenizer: byte-level BPE in the manner of GPT-2."""

from collections.abc import Iterable

from chat import SPECIALS
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers


def trained_on(texts: Iterable[str], *, size: int) -> Tokenizer:
    """Train a tokenizer of ``size`` tokens that can encode any text."""
    tokenizer = Tokenizer(models.BPE())
    # llama.cpp splits text by the same expression when tokenizer.ggml.pre is "gpt-2".
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=SPECIALS,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer
