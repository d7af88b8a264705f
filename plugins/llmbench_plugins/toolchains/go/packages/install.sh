#!/bin/sh
# Fetches the modules of $2/go.mod, with what they require, into the new folder $1. Nothing of them is run.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$2/go.mod" "$work/"
cd "$work"
mkdir -p "$1"
GOMODCACHE="$1" GOCACHE="$work/cache" GOFLAGS='-mod=mod -modcacherw' GOTOOLCHAIN=local go mod download all
chmod -R a+rX "$1"
