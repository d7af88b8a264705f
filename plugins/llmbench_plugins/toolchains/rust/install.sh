#!/bin/sh
# Fetches the crates of Cargo.toml, with all that they need, into the new folder $1, and compiles them.
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
cp "$here/compile.sh" "$1/"
chmod 755 "$1/compile.sh"

# Runs a script of this folder where $1 is seen as /opt/llmbench/rust, in namespaces of its own.
in_place() {
    made=$1
    script=$2
    set --
    for entry in /* /opt/*; do
        case $entry in /opt | /opt/llmbench | /opt/\* | /dev | /proc | /tmp) continue ;; esac
        if [ -L "$entry" ]; then set -- "$@" --symlink "$(readlink "$entry")" "$entry"
        else set -- "$@" --ro-bind "$entry" "$entry"; fi
    done
    sysroot=$(rustc --print sysroot)
    bwrap --unshare-user --unshare-net --die-with-parent "$@" --proc /proc --dev /dev --tmpfs /tmp \
        --bind "$made" /opt/llmbench/rust --ro-bind "$here" /tmp/scripts --ro-bind "$sysroot" "$sysroot" \
        --chdir / --clearenv --setenv PATH "$sysroot/bin:/usr/local/bin:/usr/bin:/bin" --setenv HOME /tmp \
        sh "/tmp/scripts/$script" /opt/llmbench/rust
}

if [ "$1" = /opt/llmbench/rust ]; then
    sh "$here/prebuild.sh" "$1"
elif ! in_place "$1" prebuild.sh; then
    # Then boxes compile them when they are wanted.
    rm -rf "$1/target"
    echo "crates are not compiled ahead: that needs bubblewrap" >&2
fi
chmod -R a+rX "$1"
