#!/bin/sh
# Writes Rust's description of a microcontroller, changed for small code, and prints the name of that file:
#
#     port/rust_description.sh FOLDER TARGET    ->  FOLDER/TARGET.json
#
# Rust's own description keeps a register for frame pointers, and does not let the linker for RISC-V shorten calls.

set -eu
description=$1/$(basename "$2" .json).json
RUSTC_BOOTSTRAP=1 rustc -Z unstable-options --print target-spec-json --target "$2" |
    sed 's/"frame-pointer": "always"/"frame-pointer": "may-omit"/; s/"+m,+c,/&+relax,/' >"$description.new"
cmp -s "$description.new" "$description" || cp "$description.new" "$description"
echo "$description"
