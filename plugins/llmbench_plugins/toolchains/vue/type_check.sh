#!/bin/sh
# Type-checks the project in the current folder: what the tool run_type_check runs in an agent's box.
set -eu
libraries=${LLMBENCH_VUE:-/opt/llmbench/vue}
[ -e node_modules ] || ln -s "$libraries/node_modules" node_modules
exec node "$libraries/node_modules/vue-tsc/bin/vue-tsc.js" --noEmit --pretty false
