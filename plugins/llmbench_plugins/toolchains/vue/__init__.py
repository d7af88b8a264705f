"""The Vue toolchain: Node.js, with Vue, TypeScript, vue-tsc, vitest and what mounts components."""

from pathlib import Path

from llmbench.api import Program, Toolchain

VUE = Toolchain(
    name="vue",
    folder=Path(__file__).resolve().parent,
    # npm fetches the libraries; boxes do without it.
    programs=(Program(name="node", cure="sudo apt-get install nodejs npm"),),
    env=(("LLMBENCH_VUE", "/opt/llmbench/vue"), ("NO_UPDATE_NOTIFIER", "1")),
    install="install.sh",
)
