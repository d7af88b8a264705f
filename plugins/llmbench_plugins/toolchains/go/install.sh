#!/bin/sh
# Fills the build cache $1/cache with what answers and tests use of the standard library, so that no exercise
# compiles it again, and puts beside it a program that builds tests without asking go about every package of it.
# A package that is missing here is compiled when it is needed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1/cache"
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
export GOCACHE="$1/cache" GOPATH="$work/go" GOTOOLCHAIN=local GOPROXY=off CGO_ENABLED=0 GO111MODULE=on
# As in a box; the cache is for these flags only.
export GOFLAGS='-mod=mod -gcflags=all=-dwarf=false'
printf 'module warm\n\ngo 1.18\n' > go.mod
echo 'package warm' > warm.go
# Newer versions of Go have packages that older ones lack.
wanted='bufio bytes cmp container/heap container/list container/ring context crypto/md5 crypto/rand crypto/sha1
    crypto/sha256 encoding/base64 encoding/binary encoding/hex encoding/json errors flag fmt hash/fnv io iter log maps
    math math/big math/bits math/cmplx math/rand math/rand/v2 os os/exec path path/filepath reflect regexp runtime
    runtime/debug slices sort strconv strings sync sync/atomic syscall text/tabwriter text/template time unicode
    unicode/utf8 unsafe'
imports=$(go list -e -f '{{if not .Error}}{{.ImportPath}}{{end}}' $wanted)
warm() {
    printf 'package warm\n\nimport (\n'
    for name in $imports; do echo "	_ \"$name\""; done
    printf '\t"testing"\n)\n\nfunc TestWarm(t *testing.T) { t.Log(%s) }\n' "$1"
}
# With vet, as go test has it: what it knows of each package is in the cache, too.
warm 1 > warm_test.go
go test -c -ldflags='-s -w' -o warm.test .
# Once more, with all packages in the cache, to be told where they are and how go calls its tools.
warm 2 > warm_test.go
go test -c -x -ldflags='-s -w' -o warm.test . > log 2>&1 || { cat log; exit 1; }
cp -r "$here/testbuild" "$here/reporter" "$here/testmain" .
cd testbuild
printf 'module testbuild\n\ngo 1.18\n' > go.mod
go build -ldflags='-s -w' -o "$1/testbuild" .
cd ..
"$1/testbuild" -prepare log "$1"
chmod -R a+rX "$1"
