#!/bin/sh
# Checks that a folder is a MicroPython checkout that can be built:    check.sh DIR

set -eu

fail() {
    printf 'MPY_DIR=%s: %s\n' "$DIR" "$*" >&2
    exit 1
}

DIR=$1
for file in py/mpconfig.h py/mkrules.mk ports/unix/Makefile; do
    [ -f "$DIR/$file" ] || fail "this does not look like MicroPython's source tree (no $file)"
done
version() { sed -n "s/^#define MICROPY_VERSION_$1 *//p" "$DIR/py/mpconfig.h"; }
[ "$(version MAJOR)" -gt 1 ] || [ "$(version MINOR)" -ge 25 ] ||
    fail "this is MicroPython $(version MAJOR).$(version MINOR); 1.25 or later is needed"
[ -f "$DIR/lib/mbedtls/library/ssl_tls.c" ] ||
    fail "lib/mbedtls is empty; fetch it with: git -C '$DIR' submodule update --init lib/mbedtls"
