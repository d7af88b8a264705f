"""The rust toolchain: rustc and cargo, with the crates that answers may use."""

from pathlib import Path

from llmbench.api import Program, Toolchain

_CURE = "see https://rustup.rs, or: sudo apt-get install rustc-web cargo-web gcc"

RUST = Toolchain(
    name="rust",
    folder=Path(__file__).resolve().parent,
    programs=(
        Program(name="rustc", cure=_CURE),
        Program(name="cargo", cure=_CURE),
        Program(name="cc", cure="sudo apt-get install gcc libc6-dev"),
    ),
    env=(
        # Its configuration names the crates that install.sh fetched, in place of the registry.
        ("CARGO_HOME", "/opt/llmbench/rust"),
        ("CARGO_TERM_COLOR", "never"),
        ("CARGO_INCREMENTAL", "0"),
    ),
    install="install.sh",
    packages_at="/opt/llmbench/rust-packages",
    packages_env=(("CARGO_HOME", "/opt/llmbench/rust-packages"),),
)
