#!/bin/sh
# Makes sure that a Docker engine answers and holds the base image of our Dockerfiles. Does nothing where both are so.
# Where no engine runs (a virtual machine without an init system), it starts one; where the image registry is out of
# reach, it makes the base image from the distribution's packages. Needs root only for those two.
set -eu

base=debian:bookworm-slim
state=${LLMBENCH_DOCKER_STATE:-/var/tmp/llmbench-docker}

answers() { timeout 20 docker info >/dev/null 2>&1; }

start_engine() {
    mkdir -p "$state"
    # Boxes have no network and builds use the host's, so no bridge is needed: it would need kernel modules.
    setsid dockerd --iptables=false --ip6tables=false --bridge=none >"$state/dockerd.log" 2>&1 </dev/null &
    for _ in $(seq 60); do
        answers && return 0
        sleep 1
    done
    echo "docker.sh: the engine did not start within 60 s; the end of $state/dockerd.log:" >&2
    tail -n 20 "$state/dockerd.log" >&2
    return 1
}

make_base() {
    command -v debootstrap >/dev/null || { echo "docker.sh: $base can't be pulled, and debootstrap is missing" >&2; return 1; }
    root=$(mktemp -d)
    trap 'rm -rf "$root"' EXIT
    debootstrap --variant=minbase bookworm "$root" >"$state/debootstrap.log" 2>&1 ||
        { tail -n 20 "$state/debootstrap.log" >&2; return 1; }
    # What this machine trusts, an image built on it must trust, or its downloads fail behind the same proxy.
    mkdir -p "$root/usr/local/share/ca-certificates"
    find /usr/local/share/ca-certificates -name '*.crt' -exec cp {} "$root/usr/local/share/ca-certificates/" \; 2>/dev/null || true
    rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
    tar -C "$root" -c . | docker import - "$base" >/dev/null
}

answers || start_engine
mkdir -p "$state"
docker image inspect "$base" >/dev/null 2>&1 || timeout 120 docker pull -q "$base" >/dev/null 2>&1 || make_base
docker image inspect --format 'docker.sh: {{index .RepoTags 0}} is here' "$base"
