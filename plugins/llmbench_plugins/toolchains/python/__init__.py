"""The Python toolchain: the interpreter and its standard library, nothing else."""

from pathlib import Path

from llmbench.api import Program, Toolchain

PYTHON = Toolchain(
    name="python",
    folder=Path(__file__).resolve().parent,
    programs=(Program(name="python3", cure="sudo apt-get install python3"),),
    # A fixed hash seed makes the order of sets, and so a program's output, the same in every run.
    env=(("PYTHONHASHSEED", "0"), ("PYTHONUNBUFFERED", "1")),
    packages_at="/opt/llmbench/python-packages",
    packages_env=(("PYTHONPATH", "/opt/llmbench/python-packages"),),
)
