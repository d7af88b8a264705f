#!/bin/sh
# Fetches the crates of $2/Cargo.toml, with what they need, into the new folder $1, which is a home of cargo in boxes.
# Nothing of them is compiled or run.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$1" "$work/src"
cp "$2/Cargo.toml" "$work/"
: > "$work/src/lib.rs"
cd "$work"
# Of what they need, only versions that the compiler here can build.
export CARGO_RESOLVER_INCOMPATIBLE_RUST_VERSIONS=fallback
cargo vendor --versioned-dirs "$1/vendor" > /dev/null
cat > "$1/config.toml" <<'CONFIG'
[source.crates-io]
replace-with = "vendored"

[source.vendored]
directory = "/opt/llmbench/rust-packages/vendor"

[net]
offline = true
CONFIG
chmod -R a+rX "$1"
