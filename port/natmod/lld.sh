#!/bin/sh
# Runs the linker that comes with Rust, as GNU's.

set -eu
exec "$(rustc --print sysroot)/lib/rustlib/$(rustc -vV | sed -n 's/^host: //p')/bin/rust-lld" -flavor gnu "$@"
