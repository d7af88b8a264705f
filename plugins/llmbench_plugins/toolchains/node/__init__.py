"""The node toolchain: Node.js, with jest and babel, and a DOM for pages."""

from pathlib import Path

from llmbench.api import Program, Toolchain

NODE = Toolchain(
    name="node",
    folder=Path(__file__).resolve().parent,
    programs=(Program(name="node", cure="sudo apt-get install nodejs npm"),),
    env=(("NODE_PATH", "/opt/llmbench/node/node_modules"), ("NO_UPDATE_NOTIFIER", "1")),
    install="install.sh",
    # Above every folder: the one place that both import and require look in.
    packages_at="/node_modules",
)
