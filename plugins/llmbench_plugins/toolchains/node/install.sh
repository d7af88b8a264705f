#!/bin/sh
# Fetches jest, babel and a DOM into the new folder $1. No package's own script is run.
set -eu
command -v npm > /dev/null || { echo 'npm is missing: sudo apt-get install npm' >&2; exit 1; }
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
cp "$here/package.json" "$1/"
cd "$1"
npm install --no-package-lock --ignore-scripts --no-audit --no-fund --loglevel=error
test -f node_modules/jest/bin/jest.js
