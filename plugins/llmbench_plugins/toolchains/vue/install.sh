#!/bin/sh
# Fetches Vue, its compilers and its test tools into the new folder $1. No package's own script is run.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
cp "$here/package.json" "$here/type_check.sh" "$1/"
cd "$1"
npm install --no-package-lock --ignore-scripts --no-audit --no-fund --loglevel=error
test -f node_modules/vue-tsc/bin/vue-tsc.js
test -f node_modules/vitest/vitest.mjs
