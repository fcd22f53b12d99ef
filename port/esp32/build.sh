#!/bin/bash
# Builds the firmware of a board of MicroPython's esp32 port, with the ESP-IDF that is active:
#
#     port/esp32/build.sh MPY_DIR BOARD VARIANT [bare]    ->  build/BOARD[-VARIANT][-bare]/firmware.bin

set -eu
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
. "$ROOT/port/sources/build.sh"
BOARD=$2 VARIANT=$3
FOLDER=$MPY_DIR/ports/esp32

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

NAME=$BOARD${VARIANT:+-$VARIANT}
case ${4:-} in
    '') MODULES=$ROOT/micropython.cmake ;;
    bare) NAME=$NAME-bare MODULES='' ;;
    *) echo "usage: $0 MPY_DIR BOARD VARIANT [bare]" >&2; exit 2 ;;
esac

command -v idf.py >/dev/null ||
    fail "There is no ESP-IDF here (no idf.py), which $BOARD needs. Install the version that MicroPython's" \
        "ports/esp32/README.md names, and activate it: . /path/to/esp-idf/export.sh"
need_submodules lib/micropython-lib lib/berkeley-db-1.xx

CHIP=$(sed -n 's/^set(IDF_TARGET \(esp32[a-z0-9]*\))$/\1/p' "$FOLDER/boards/$BOARD/mpconfigboard.cmake")
CHIP=${CHIP:-esp32}
FLAGS=()
case $CHIP in
    esp32 | esp32s2 | esp32s3)
        # Rust's own distribution has no compiler for Xtensa; Espressif's has, and builds the core library.
        rustup run esp rustc --version >/dev/null 2>&1 ||
            fail "$BOARD has an Xtensa processor, for which Rust's own distribution has no compiler. Espressif's has one:" \
                "  cargo install espup && espup install" "It becomes the toolchain 'esp' of rustup."
        export MQTT_CARGO='cargo +esp'
        FLAGS=(-D "MQTT_RUST_TARGET=xtensa-$CHIP-none-elf" -D 'MQTT_CARGO_FLAGS=-Zbuild-std=core')
        ;;
    esp32c2 | esp32c3) port/sources/rust_std.sh riscv32imc-unknown-none-elf ;;
    esp32p4) port/sources/rust_std.sh riscv32imafc-unknown-none-elf ;;
    *) port/sources/rust_std.sh riscv32imac-unknown-none-elf ;;
esac
[ -z "${MQTT_TLS:-}" ] || FLAGS+=(-D "MQTT_TLS=$MQTT_TLS")

# The port's makefile adds to these.
IDFPY_FLAGS=$(printf '%q ' "${FLAGS[@]}")
export IDFPY_FLAGS
build_firmware "$NAME" "$FOLDER" BOARD="$BOARD" ${VARIANT:+BOARD_VARIANT="$VARIANT"} USER_C_MODULES="$MODULES"
