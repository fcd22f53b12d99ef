#!/bin/bash
# Builds MicroPython with the module for this machine:
#
#     port/unix/build.sh MPY_DIR gil      ->  build/unix/micropython
#     port/unix/build.sh MPY_DIR nogil    ->  build/unix-nogil/micropython  (MicroPython's own
#                                             "standard" variant: threads without a GIL)
#     port/unix/build.sh MPY_DIR bare   ->  build/unix-bare/micropython   (the same without the module:
#                                             for the native module)
#     port/unix/build.sh MPY_DIR newest   ->  build/unix-newest/micropython  (as gil)
#     port/unix/build.sh MPY_DIR asan     ->  build/unix-asan/micropython  (as gil, with
#                                             AddressSanitizer in C, and in Rust with a nightly)
#     port/unix/build.sh MPY_DIR panic    ->  build/unix-panic/micropython  (as gil; its TLS panics
#                                             when a test asks for it. Build gil first: this one
#                                             reuses its object files)

set -eu
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
. "$ROOT/port/sources/build.sh"

MODULES=$ROOT MANIFEST=$ROOT/port/unix/manifest.py
case $2 in
    gil) NAME=unix FLAVOUR=("VARIANT_DIR=$ROOT/port/unix" VARIANT=gil) ;;
    newest) NAME=unix-newest FLAVOUR=("VARIANT_DIR=$ROOT/port/unix" VARIANT=gil) ;;
    nogil) NAME=unix-nogil FLAVOUR=(VARIANT_DIR=variants/standard VARIANT=standard MICROPY_PY_BTREE=0) ;;
    bare)
        NAME=unix-bare FLAVOUR=(VARIANT_DIR=variants/standard VARIANT=standard MICROPY_PY_BTREE=0)
        MODULES=''
        ;;
    panic)
        NAME=unix-panic
        FLAVOUR=("VARIANT_DIR=$ROOT/port/unix" VARIANT=gil "MQTT_CARGO_FLAGS=--features panic-test")
        rm -rf build/unix-panic
        cp -a build/unix build/unix-panic
        ;;
    asan)
        NAME=unix-asan
        FLAVOUR=("VARIANT_DIR=$ROOT/port/unix" VARIANT=gil STRIP= LDFLAGS_EXTRA=-fsanitize=address
            # The collector scans whole stacks, so no variable may lie on a fake stack.
            "CFLAGS_EXTRA=-fsanitize=address -fno-omit-frame-pointer --param asan-use-after-return=0")
        if cargo +nightly --version >/dev/null 2>&1; then
            FLAVOUR+=("MQTT_CARGO=RUSTFLAGS=-Zsanitizer=address cargo +nightly")
        else
            echo "  NOTE     no nightly toolchain of Rust: only the C code is checked"
        fi
        ;;
    *) echo "There is no variant '$2': VARIANT is gil (the default), nogil or asan." >&2; exit 1 ;;
esac

build_firmware "$NAME" "$MPY_DIR/ports/unix" "${FLAVOUR[@]}" USER_C_MODULES="$MODULES" \
    FROZEN_MANIFEST="$MANIFEST"
