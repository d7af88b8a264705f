#!/bin/sh
# Compiles each crate of Cargo.toml, with all that it needs, as boxes would: into $1/target, from which boxes take it.
# Cargo knows by the places of files what is the same, so this has to run where $1 is /opt/llmbench/rust, as in boxes.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
target=/tmp/target
trap 'rm -rf "$work" "$target"' EXIT
export CARGO_HOME="$1" CARGO_TARGET_DIR="$target" CARGO_INCREMENTAL=0 CARGO_PROFILE_DEV_DEBUG=0
export CARGO_PROFILE_TEST_DEBUG=0 RUSTC_WORKSPACE_WRAPPER="$1/compile.sh"
mkdir -p "$work/src"
: > "$work/src/lib.rs"
wanted() { sed -n '/^\[dependencies\]/,$p' "$here/Cargo.toml" | grep '='; }
# One at a time, as together they switch on features in one another; two that are used together are compiled so, too.
{ wanted; wanted | grep '^num-' | tr '\n' ';'; echo; } | while read -r dependency; do
    printf '[package]\nname = "prebuild"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\n%s\n' \
        "$dependency" | tr ';' '\n' > "$work/Cargo.toml"
    rm -f "$work/Cargo.lock"
    (cd "$work" && cargo build --quiet --lib) || echo "$dependency is not compiled ahead" >&2
done
cd "$target/debug"
rm -rf examples incremental .cargo-lock ./*prebuild* deps/*prebuild* .fingerprint/prebuild-*
mkdir "$1/target"
cp -a "$target/.rustc_info.json" "$target/debug" "$1/target/"
rm -rf "$1/registry" "$1"/.package-cache* "$1"/.global-cache*
