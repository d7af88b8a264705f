"""Trains the demo model and writes it as GGUF: `python train.py` (see README.md)."""

import argparse
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import answers
import chat
import export
import jax
import jax.numpy as jnp
import numpy as np
import samples
import tokens
import tool_samples
import wordings
from chat import TEMPLATE, Conversation, pieces
from network import Shape, Weights, initial, logits
from tokenizers import Tokenizer

VOCABULARY = 1024
BUCKETS = {192: 30, 320: 18, 480: 12, 704: 8, 1024: 6, 1536: 4, 2560: 2}
"""Rows of a batch by their length in tokens."""
WITH_TOOLS = 0.4
"""Share of the conversations in which the model has tools."""


@dataclass(frozen=True, slots=True)
class Example:
    """A conversation in tokens, and which of them are learned."""

    ids: list[int]
    learned: list[bool]


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one length: what is read, at which positions, what comes next, and what counts."""

    read: np.ndarray
    positions: np.ndarray
    expected: np.ndarray
    counts: np.ndarray


def main() -> None:
    """Train, and write the file."""
    options = _arguments()
    tasks = answers.load()
    outputs = {task.slug: _outputs(task) for task in tasks}
    rng = random.Random(options.seed)  # noqa: S311 - draws wordings, no secrets
    drawn = [_draw(tasks, outputs, rng) for _ in range(options.conversations)]
    tokenizer = tokens.trained_on(_texts(tasks, drawn), size=VOCABULARY)
    examples = [_example(tokenizer, conversation) for conversation in drawn]
    shape = Shape(vocabulary=tokenizer.get_vocab_size())
    for weights in _train(examples, shape, options):
        _write(options.output, weights, shape, tokenizer)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(__file__).resolve().parents[2] / "models" / "demo.gguf"
    parser.add_argument("--output", type=Path, default=default)
    parser.add_argument("--steps", type=int, default=1100)
    parser.add_argument("--conversations", type=int, default=16000)
    parser.add_argument("--learning-rate", type=float, default=3e-3)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def _draw(tasks: list[answers.Quickstart], outputs: dict[str, list[str]], rng: random.Random) -> Conversation:
    task = rng.choice(tasks)
    kind = tool_samples if rng.random() < WITH_TOOLS else samples
    return kind.training(task, rng, outputs[task.slug])


def _outputs(task: answers.Quickstart) -> list[str]:
    return [samples.test_output(task, code) for code in (task.first, task.later, task.starter)]


def _texts(tasks: list[answers.Quickstart], drawn: list[Conversation]) -> list[str]:
    read = [
        piece.text for conversation in drawn[:1500] for piece in pieces(conversation) if not piece.is_learned
    ]
    briefs = [brief for texts in wordings.BRIEFS.values() for brief in texts[:-2]]
    codes = [task.answer(code) for task in tasks for code in (task.first, task.later)]
    calls = [chat.body(tool_samples.write(task, code)) for task in tasks for code in (task.first, task.later)]
    return read + briefs + codes * 40 + calls * 40


def _example(tokenizer: Tokenizer, conversation: Conversation) -> Example:
    ids: list[int] = []
    learned: list[bool] = []
    for piece in pieces(conversation):
        encoded = tokenizer.encode(piece.text).ids
        ids += encoded
        learned += [piece.is_learned] * len(encoded)
    return Example(ids, learned)


def _write(path: Path, weights: Weights, shape: Shape, tokenizer: Tokenizer) -> None:
    arrays = {name: np.asarray(value) for name, value in weights.items()}
    export.write(
        path,
        name="llmbench demo",
        weights=arrays,
        shape=shape,
        tokenizer=tokenizer,
        chat_template=TEMPLATE,
    )
    count = sum(array.size for array in arrays.values())
    print(f"{path}: {count} parameters, {path.stat().st_size} bytes", flush=True)


def _train(examples: list[Example], shape: Shape, options: argparse.Namespace) -> Iterator[Weights]:
    """Yield the weights now and then, so that a long training can be watched, and at the end."""
    weights = jax.tree.map(jnp.asarray, initial(shape, options.seed))
    zeros = jax.tree.map(jnp.zeros_like, weights)
    state = (weights, zeros, zeros)
    update = jax.jit(partial(_update, shape))
    started = time.monotonic()
    batches = _batches(examples, shape, np.random.default_rng(options.seed))
    for step in range(options.steps):
        rate = options.learning_rate * _schedule(step, options.steps)
        batch = next(batches)
        state, loss = update(
            state, step + 1.0, rate, batch.read, batch.positions, batch.expected, batch.counts
        )
        if step % 50 == 49:
            print(f"step {step + 1}  loss {float(loss):.4f}  {time.monotonic() - started:.0f} s", flush=True)
        if step % 100 == 99 or step == options.steps - 1:
            yield state[0]


def _schedule(step: int, steps: int) -> float:
    """Warm up over 50 steps, then go down to nearly 0 along a cosine."""
    return min((step + 1) / 50, 0.02 + 0.98 * (1 + np.cos(np.pi * step / steps)) / 2)


def _batches(examples: list[Example], shape: Shape, rng: np.random.Generator) -> Iterator[Batch]:
    """Yield batches of rows of about the same length, each length as often as its rows occur."""
    by_length: dict[int, list[Example]] = {length: [] for length in BUCKETS}
    for example in examples:
        fitting = [length for length in BUCKETS if len(example.ids) <= length + 1]
        if fitting:
            by_length[fitting[0]].append(example)
    print("conversations by length:", {length: len(rows) for length, rows in by_length.items()})
    lengths = list(BUCKETS)
    shares = np.array([len(by_length[length]) / BUCKETS[length] for length in lengths])
    while True:
        length = int(rng.choice(lengths, p=shares / shares.sum()))
        rows = rng.integers(len(by_length[length]), size=BUCKETS[length])
        yield _batch([by_length[length][row] for row in rows], length, shape, rng)


def _batch(examples: list[Example], length: int, shape: Shape, rng: np.random.Generator) -> Batch:
    ids = np.zeros((len(examples), length + 1), np.int32)
    positions = np.zeros((len(examples), length), np.float32)
    counts = np.zeros((len(examples), length), np.float32)
    for row, example in enumerate(examples):
        ids[row, : len(example.ids)] = example.ids
        counts[row, : len(example.ids) - 1] = example.learned[1:]
        positions[row] = _positions(example, length, shape, rng)
    return Batch(ids[:, :-1], positions, ids[:, 1:], counts)


def _positions(example: Example, length: int, shape: Shape, rng: np.random.Generator) -> np.ndarray:
    """Number the tokens, often with gaps in what is read: short rows then teach long distances too."""
    positions = np.arange(length, dtype=np.float32)
    if rng.random() < 0.5:
        room = shape.context - length
        read = np.flatnonzero(~np.array(example.learned))
        for start in rng.choice(read, size=rng.integers(1, 4)):
            positions[start:] += rng.integers(1, room // 4)
    return positions


def _update(
    shape: Shape,
    state: tuple[Weights, Weights, Weights],
    step: jax.Array,
    rate: jax.Array,
    read: jax.Array,
    positions: jax.Array,
    expected: jax.Array,
    counts: jax.Array,
) -> tuple[tuple[Weights, Weights, Weights], jax.Array]:
    """Make one step of Adam with decoupled weight decay and clipped gradients."""

    def loss_of(weights: Weights) -> jax.Array:
        scores = jax.nn.log_softmax(logits(weights, shape, read, positions))
        losses = -jnp.take_along_axis(scores, expected[..., None], axis=-1)[..., 0]
        return (losses * counts).sum() / counts.sum()

    weights, mean, square = state
    loss, gradients = jax.value_and_grad(loss_of)(weights)
    norm = jnp.sqrt(sum((gradient**2).sum() for gradient in gradients.values()))
    scale = jnp.minimum(1.0, 1.0 / norm)
    mean = {key: 0.9 * mean[key] + 0.1 * scale * gradients[key] for key in weights}
    square = {key: 0.98 * square[key] + 0.02 * (scale * gradients[key]) ** 2 for key in weights}
    changed = {}
    for key, value in weights.items():
        direction = (mean[key] / (1 - 0.9**step)) / (jnp.sqrt(square[key] / (1 - 0.98**step)) + 1e-8)
        decay = 0.02 * value if value.ndim == 2 else 0.0
        changed[key] = value - rate * (direction + decay)
    return (changed, mean, square), loss


if __name__ == "__main__":
    main()
