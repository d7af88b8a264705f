"""The go toolchain: Go, with its standard library compiled."""

from pathlib import Path

from llmbench.api import Program, Toolchain

GO = Toolchain(
    name="go",
    folder=Path(__file__).resolve().parent,
    programs=(Program(name="go", version_argv=("version",), cure="sudo apt-get install golang-go"),),
    env=(
        ("GOPATH", "/tmp/go"),  # noqa: S108 - the box's own
        ("GOCACHE", "/tmp/go-cache"),  # noqa: S108 - the box's own
        # Nothing is fetched: not modules, not another version of Go.
        ("GOFLAGS", "-mod=mod -gcflags=all=-dwarf=false"),
        ("GOPROXY", "off"),
        ("GOTOOLCHAIN", "local"),
        ("GOTELEMETRY", "off"),
        ("CGO_ENABLED", "0"),
    ),
    install="install.sh",
    packages_at="/opt/llmbench/go-packages",
    # What was fetched has been checked then.
    packages_env=(("GOMODCACHE", "/opt/llmbench/go-packages"), ("GOSUMDB", "off")),
)
