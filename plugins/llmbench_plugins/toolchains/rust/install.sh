#!/bin/sh
# Fetches the crates of Cargo.toml, with all that they need, into the new folder $1.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here/Cargo.toml" "$work/"
: > "$work/lib.rs"
cd "$work"
# Only versions that the compiler here can build.
export CARGO_RESOLVER_INCOMPATIBLE_RUST_VERSIONS=fallback
cargo vendor --versioned-dirs "$1/vendor" > /dev/null
cat > "$1/config.toml" <<'CONFIG'
[source.crates-io]
replace-with = "vendored"

[source.vendored]
directory = "/opt/llmbench/rust/vendor"

[net]
offline = true
CONFIG
chmod -R a+rX "$1"
