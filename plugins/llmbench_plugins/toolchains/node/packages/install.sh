#!/bin/sh
# Fetches the packages of $2/package.json, with what they need, into the new folder $1. No package's own script is run.
set -eu
command -v npm > /dev/null || { echo 'error: npm is missing: sudo apt-get install npm' >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$2/package.json" "$work/"
cd "$work"
npm install --no-package-lock --ignore-scripts --no-audit --no-fund --loglevel=error --fetch-retries=1
mv node_modules "$1"
chmod -R a+rX "$1"
