#!/bin/sh
# Puts Boost's headers into the new folder $1 where the compiler does not find them: as packages of Debian and its
# kin, which need no root to be fetched and unpacked.
set -eu
mkdir -p "$1/include"
header='#include <boost/date_time/gregorian/gregorian.hpp>'
if ! echo "$header" | g++ -fsyntax-only -x c++ - 2>/dev/null; then
    if ! command -v apt-get > /dev/null || ! command -v dpkg > /dev/null; then
        echo "Boost's headers are missing: install Boost's date_time for g++" >&2
        exit 1
    fi
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    cd "$work"
    # The unversioned package names a versioned one, and that one the headers, as libboost1.74-dev.
    versioned=$(apt-cache depends libboost-date-time-dev | sed -n 's/.*Depends: //p' | head -n 1)
    headers=$(apt-cache depends "$versioned" | sed -n 's/.*Depends: \(libboost[0-9.]*-dev\)$/\1/p' | head -n 1)
    if [ -z "$headers" ] || ! apt-get download "$headers"; then
        echo "Boost's headers are missing: sudo apt-get update && sudo apt-get install libboost-date-time-dev" >&2
        exit 1
    fi
    dpkg-deb -x ./*.deb tree
    mv tree/usr/include/boost "$1/include/"
    echo "$header" | CPLUS_INCLUDE_PATH="$1/include" g++ -fsyntax-only -x c++ -
fi
chmod -R a+rX "$1"
