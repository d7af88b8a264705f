"""A small Llama in JAX: root mean square norms, rotary positions, gated feed-forward, tied embeddings."""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

Weights = dict[str, jax.Array]


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of the network."""

    vocabulary: int
    width: int = 128
    layers: int = 4
    heads: int = 4
    hidden: int = 384
    context: int = 4096
    norm_epsilon: float = 1e-5
    rope_base: float = 10000.0


def initial(shape: Shape, seed: int) -> dict[str, np.ndarray]:
    """Draw the weights, under the names that GGUF gives them; matrices are (out, in)."""
    random = np.random.default_rng(seed)

    def matrix(rows: int, columns: int, scale: float = 1.0) -> np.ndarray:
        return (random.standard_normal((rows, columns)) * scale / np.sqrt(columns)).astype(np.float32)

    width, hidden = shape.width, shape.hidden
    weights = {"token_embd.weight": matrix(shape.vocabulary, width, 0.5)}
    residual = 1 / np.sqrt(2 * shape.layers)
    for layer in range(shape.layers):
        sizes = {
            "attn_q": (width, width, 1.0),
            "attn_k": (width, width, 1.0),
            "attn_v": (width, width, 1.0),
            "attn_output": (width, width, residual),
            "ffn_gate": (hidden, width, 1.0),
            "ffn_up": (hidden, width, 1.0),
            "ffn_down": (width, hidden, residual),
        }
        for name, (rows, columns, scale) in sizes.items():
            weights[f"blk.{layer}.{name}.weight"] = matrix(rows, columns, scale)
        for name in ("attn_norm", "ffn_norm"):
            weights[f"blk.{layer}.{name}.weight"] = np.ones(width, np.float32)
    return weights | {"output_norm.weight": np.ones(width, np.float32)}


def logits(weights: Weights, shape: Shape, tokens: jax.Array, positions: jax.Array) -> jax.Array:
    """Return the next token's logits at every place of a batch of token rows."""
    angles = _angles(shape, positions)
    state = weights["token_embd.weight"][tokens]
    for layer in range(shape.layers):
        block = {
            key.split(".")[2]: value for key, value in weights.items() if key.startswith(f"blk.{layer}.")
        }
        state = state + _attention(block, shape, _norm(state, block["attn_norm"], shape), angles)
        normed = _norm(state, block["ffn_norm"], shape)
        gated = jax.nn.silu(normed @ block["ffn_gate"].T) * (normed @ block["ffn_up"].T)
        state = state + gated @ block["ffn_down"].T
    return _norm(state, weights["output_norm.weight"], shape) @ weights["token_embd.weight"].T


def _norm(state: jax.Array, gain: jax.Array, shape: Shape) -> jax.Array:
    mean_square = jnp.mean(state * state, axis=-1, keepdims=True)
    return state * jax.lax.rsqrt(mean_square + shape.norm_epsilon) * gain


def _angles(shape: Shape, positions: jax.Array) -> jax.Array:
    size = shape.width // shape.heads
    frequencies = shape.rope_base ** (-jnp.arange(0, size, 2) / size)
    return positions[:, None, :, None] * frequencies


def _rotated(vectors: jax.Array, angles: jax.Array) -> jax.Array:
    """Turn neighbouring pairs, as llama.cpp does for this architecture."""
    even, odd = vectors[..., 0::2], vectors[..., 1::2]
    cos, sin = jnp.cos(angles), jnp.sin(angles)
    return jnp.stack([even * cos - odd * sin, even * sin + odd * cos], axis=-1).reshape(vectors.shape)


def _attention(block: Weights, shape: Shape, state: jax.Array, angles: jax.Array) -> jax.Array:
    rows, length, width = state.shape
    size = width // shape.heads

    def split(name: str) -> jax.Array:
        return (state @ block[name].T).reshape(rows, length, shape.heads, size).transpose(0, 2, 1, 3)

    query, key = _rotated(split("attn_q"), angles), _rotated(split("attn_k"), angles)
    scores = query @ key.transpose(0, 1, 3, 2) / np.sqrt(size)
    causal = jnp.tril(jnp.ones((length, length), bool))
    shares = jax.nn.softmax(jnp.where(causal, scores, -1e9), axis=-1)
    mixed = (shares @ split("attn_v")).transpose(0, 2, 1, 3).reshape(rows, length, width)
    return mixed @ block["attn_output"].T
