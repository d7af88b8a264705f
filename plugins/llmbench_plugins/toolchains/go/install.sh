#!/bin/sh
# Fills the build cache $1/cache with what answers and tests use of the standard library, so that no exercise
# compiles it again. A package that is missing here is compiled when it is needed.
set -eu
mkdir -p "$1/cache"
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
export GOCACHE="$1/cache" GOPATH="$work/go" GOTOOLCHAIN=local GOFLAGS=-mod=mod GOPROXY=off CGO_ENABLED=0 GO111MODULE=on
printf 'module warm\n\ngo 1.18\n' > go.mod
echo 'package warm' > warm.go
# Newer versions of Go have packages that older ones lack.
wanted='bufio bytes cmp container/heap container/list container/ring context encoding/binary encoding/hex
    encoding/json errors flag fmt io iter maps math math/big math/bits math/cmplx math/rand math/rand/v2 os
    os/exec path path/filepath reflect regexp runtime runtime/debug slices sort strconv strings sync sync/atomic
    text/tabwriter text/template time unicode unicode/utf8 unsafe'
{
    printf 'package warm\n\nimport (\n'
    for name in $(go list -e -f '{{if not .Error}}{{.ImportPath}}{{end}}' $wanted); do echo "	_ \"$name\""; done
    printf '\t"testing"\n)\n\nfunc TestWarm(t *testing.T) {}\n'
} > warm_test.go
# With vet, as go test has it: what it knows of each package is in the cache, too.
go test -c -o warm.test .
chmod -R a+rX "$1"
