#!/bin/bash
# Builds the firmware of a board of MicroPython's:
#
#     port/board.sh MPY_DIR SOURCES BOARD VARIANT [bare]    ->  build/BOARD[-VARIANT][-bare]/firmware.*
#
# The script finds the port that has the board, and calls the script for that kind of port. VARIANT may be empty;
# `bare` leaves the module out.

set -eu
ROOT=$(cd "$(dirname "$0")/.." && pwd)
cd "$ROOT"
MPY_DIR=$1 SOURCES=$2 BOARD=$3

port=
for folder in "$MPY_DIR"/ports/*/boards/"$BOARD"; do
    [ -d "$folder" ] || continue
    name=${folder%/boards/*}
    # MicroPython's qemu port has no network.
    [ "${name##*/}" = qemu ] || port=${name##*/}
done
case $port in
    rp2)
        port/sources/deps.sh "$BOARD"
        # A full checkout of MicroPython has both.
        [ -f "$MPY_DIR/lib/pico-sdk/pico_sdk_init.cmake" ] || port/sources/fetch.sh "$SOURCES" pico-sdk
        [ -f "$MPY_DIR/lib/tinyusb/src/tusb.h" ] || port/sources/fetch.sh "$SOURCES" tinyusb
        exec port/rp2/build.sh "$@"
        ;;
    stm32 | mimxrt | samd | renesas-ra | nrf | alif)
        port/sources/deps.sh arm
        exec port/make/build.sh "$port" "$MPY_DIR" "${@:3}"
        ;;
    esp32) exec port/esp32/build.sh "$MPY_DIR" "${@:3}" ;;
    '')
        echo "MicroPython has no board '$BOARD'. The folders of a port's boards: $MPY_DIR/ports/*/boards." >&2
        echo "For QEMU: $(cd port/mps2/boards && echo *)" >&2
        exit 1
        ;;
    *)
        echo "$BOARD is a board of MicroPython's port $port, for which there is no command here: docs/porting.md says" \
            "how to build it by hand." >&2
        exit 1
        ;;
esac
