"""Writes a small model of random weights, for tests that need a server and no sense."""

import argparse
from pathlib import Path

import answers
import export
import tokens
from chat import WITHOUT_TOOLS
from network import Shape, initial


def main() -> None:
    """Write the file; the same versions of the packages give the same bytes."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(__file__).resolve().parents[2] / "tests" / "data" / "random.gguf"
    parser.add_argument("--output", type=Path, default=default)
    options = parser.parse_args()
    tokenizer = tokens.trained_on((task.instructions for task in answers.load()), size=512)
    shape = Shape(
        vocabulary=tokenizer.get_vocab_size(), width=64, layers=2, heads=4, hidden=128, context=4096
    )
    options.output.parent.mkdir(parents=True, exist_ok=True)
    export.write(
        options.output,
        name="llmbench random",
        weights=initial(shape, 0),
        shape=shape,
        tokenizer=tokenizer,
        chat_template=WITHOUT_TOOLS,
    )
    print(f"{options.output}: {options.output.stat().st_size} bytes")


if __name__ == "__main__":
    main()
