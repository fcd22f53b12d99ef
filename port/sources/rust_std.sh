#!/bin/sh
# Installs Rust's standard library for a target, if it is missing:    rust_std.sh TRIPLE

set -eu
cd "$(dirname "$0")/../.."
command -v rustup >/dev/null 2>&1 || exit 0
[ ! -d "$(rustc --print sysroot)/lib/rustlib/$1" ] || exit 0

# As in deps.sh: one thing at a time.
if [ -z "${MQTT_DEPS_LOCKED:-}" ] && command -v flock >/dev/null 2>&1; then
    mkdir -p build
    exec env MQTT_DEPS_LOCKED=1 flock build/deps.lock port/sources/rust_std.sh "$1"
fi

echo "  DEPS     installing Rust's standard library for $1"
mkdir -p build
if ! rustup target add "$1" >build/rustup.log 2>&1; then
    tail -n 15 build/rustup.log >&2
    echo "rustup could not install the target $1." >&2
    exit 1
fi
