"""Trains the demo model and writes it as GGUF: `python train.py` (see README.md)."""

import argparse
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import answers
import export
import jax
import jax.numpy as jnp
import numpy as np
import samples
import tokens
import wordings
from network import Shape, Weights, initial, logits
from tokenizers import Tokenizer

VOCABULARY = 1024
BUCKETS = {192: 30, 320: 18, 640: 8, 1280: 4, 2560: 2}
"""Rows of a batch by their length in tokens."""


@dataclass(frozen=True, slots=True)
class Example:
    """A conversation in tokens; only those from ``answer_start`` on are learned."""

    ids: list[int]
    answer_start: int


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
    examples = [_example(tokenizer, messages, answer) for messages, answer in drawn]
    shape = Shape(vocabulary=tokenizer.get_vocab_size())
    weights = _train(examples, shape, options)
    arrays = {name: np.asarray(value) for name, value in weights.items()}
    export.write(options.output, name="llmbench demo", weights=arrays, shape=shape, tokenizer=tokenizer)
    count = sum(array.size for array in arrays.values())
    print(f"{options.output}: {count} parameters, {options.output.stat().st_size} bytes")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(__file__).resolve().parents[2] / "models" / "demo.gguf"
    parser.add_argument("--output", type=Path, default=default)
    parser.add_argument("--steps", type=int, default=800)
    parser.add_argument("--conversations", type=int, default=16000)
    parser.add_argument("--learning-rate", type=float, default=3e-3)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def _draw(
    tasks: list[answers.Quickstart], outputs: dict[str, list[str]], rng: random.Random
) -> tuple[samples.Messages, str]:
    task = rng.choice(tasks)
    return samples.training(task, rng, outputs[task.slug])


def _outputs(task: answers.Quickstart) -> list[str]:
    return [samples.test_output(task, code) for code in (task.first, task.later, task.starter)]


def _texts(tasks: list[answers.Quickstart], drawn: list[tuple[samples.Messages, str]]) -> list[str]:
    questions = [message["content"] for messages, _ in drawn[:1500] for message in messages]
    briefs = [brief for texts in wordings.BRIEFS.values() for brief in texts[:-2]]
    codes = [task.answer(code) for task in tasks for code in (task.first, task.later)]
    return questions + briefs + codes * 40


def _example(tokenizer: Tokenizer, messages: samples.Messages, answer: str) -> Example:
    question = tokenizer.encode(tokens.rendered(messages)).ids
    return Example(question + tokenizer.encode(answer + tokens.END).ids, len(question))


def _train(examples: list[Example], shape: Shape, options: argparse.Namespace) -> Weights:
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
    return state[0]


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
        counts[row, example.answer_start - 1 : len(example.ids) - 1] = 1
        positions[row] = _positions(example, length, shape, rng)
    return Batch(ids[:, :-1], positions, ids[:, 1:], counts)


def _positions(example: Example, length: int, shape: Shape, rng: np.random.Generator) -> np.ndarray:
    """Number the tokens, often with gaps in the question: short rows then teach long distances too."""
    positions = np.arange(length, dtype=np.float32)
    if rng.random() < 0.5:
        room = shape.context - length
        for start in rng.integers(example.answer_start, size=rng.integers(1, 4)):
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
