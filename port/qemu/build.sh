#!/bin/bash
# Builds MicroPython's own qemu port with the module, for a processor that no port here has:
#
#     port/qemu/build.sh MPY_DIR BOARD         ->  build/qemu-BOARD/firmware.elf
#     port/qemu/build.sh MPY_DIR BOARD bare    ->  build/qemu-BOARD-bare/firmware.elf, without the module

set -eu
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
. "$ROOT/port/sources/build.sh"
BOARD=$2
NAME=qemu-$BOARD${3:+-$3}

# Two modules need a folder with a link to each.
MODULES=$ROOT/build/qemu-modules
mkdir -p "$MODULES"
ln -sfn "$ROOT/port" "$MODULES/mqtt"
ln -sfn "$ROOT/port/qemu/clock" "$MODULES/clock"

[ "${3:-}" != bare ] || MODULES=''

FLAGS=()
if [ "$BOARD" = VIRT_RV32 ]; then
    # A compiler without libraries for rv32imac_zicsr would take its 64-bit libraries. In the older
    # specification the extension is part of the base.
    FLAGS=(RV32_ARCH=rv32imac)
    export AFLAGS=-misa-spec=2.2
fi

build_firmware "$NAME" "$MPY_DIR/ports/qemu" BOARD="$BOARD" USER_C_MODULES="$MODULES" FROZEN_MANIFEST= "${FLAGS[@]}"
