"""The java toolchain: a JDK, with JUnit, AssertJ and two libraries that exercises use."""

from pathlib import Path

from llmbench.api import Program, Toolchain

_CURE = "sudo apt-get install openjdk-17-jdk-headless"

JAVA = Toolchain(
    name="java",
    folder=Path(__file__).resolve().parent,
    programs=(Program(name="java", cure=_CURE), Program(name="javac", cure=_CURE)),
    install="install.sh",
)
