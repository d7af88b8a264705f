"""The cpp toolchain: g++, with the headers of Boost and of Catch2."""

from pathlib import Path

from llmbench.api import Program, Toolchain

CPP = Toolchain(
    name="cpp",
    folder=Path(__file__).resolve().parent,
    programs=(Program(name="g++", cure="sudo apt-get install g++"),),
    # As system headers, whose warnings are nobody's fault.
    env=(("CPLUS_INCLUDE_PATH", "/opt/llmbench/cpp/include"),),
    install="install.sh",
)
