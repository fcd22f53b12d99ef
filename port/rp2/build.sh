#!/bin/bash
# Builds the firmware of a board of MicroPython's rp2 port with the module:
#
#     port/rp2/build.sh MPY_DIR SOURCES BOARD VARIANT      ->  build/NAME/firmware.uf2 and .elf
#     port/rp2/build.sh MPY_DIR SOURCES BOARD VARIANT bare ->  build/NAME-bare/..., without the module
#
# BOARD is a board of port/rp2/boards or of MicroPython's tree, and VARIANT one of its variants or empty. NAME
# is BOARD, or BOARD-VARIANT. SOURCES is the folder with pico-sdk and TinyUSB; the script does not use it if
# the tree has its own copies, as a full checkout has.

set -eu
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
. "$ROOT/port/sources/build.sh"
SOURCES=$2 BOARD=$3 VARIANT=$4

PORT=$MPY_DIR/ports/rp2
BOARD_DIR=$ROOT/port/rp2/boards/$BOARD
[ -f "$BOARD_DIR/mpconfigboard.cmake" ] || BOARD_DIR=$PORT/boards/$BOARD
if [ ! -f "$BOARD_DIR/mpconfigboard.cmake" ]; then
    echo "There is no board '$BOARD'. For QEMU: $(cd port/mps2/boards && echo *)." >&2
    echo "Of MicroPython's rp2 port: $(cd "$PORT/boards" && printf '%s ' */ | tr -d /)" >&2
    exit 1
fi

OPTIONS=("-DMICROPY_BOARD=$BOARD" "-DMICROPY_BOARD_DIR=$BOARD_DIR")
if [ -n "$VARIANT" ]; then
    if [ ! -f "$BOARD_DIR/mpconfigvariant_$VARIANT.cmake" ]; then
        echo "$BOARD has no variant '$VARIANT'. MicroPython has these of its variants:" \
            "$(cd "$BOARD_DIR" && echo mpconfigvariant_*.cmake | sed 's/mpconfigvariant_\([^ ]*\)\.cmake/\1/g')" >&2
        exit 1
    fi
    if grep -q riscv "$BOARD_DIR/mpconfigvariant_$VARIANT.cmake" &&
        ! PATH=$PATH:${PICO_TOOLCHAIN_PATH:-}/bin:${PICO_TOOLCHAIN_PATH:-} command -v riscv32-unknown-elf-gcc >/dev/null; then
        echo "There is no riscv32-unknown-elf-gcc here, which $BOARD's variant $VARIANT needs. Raspberry Pi's" \
            "toolchain has it (github.com/raspberrypi/pico-sdk-tools/releases): unpack it, and name its folder" \
            "in PICO_TOOLCHAIN_PATH." >&2
        exit 1
    fi
    OPTIONS+=("-DMICROPY_BOARD_VARIANT=$VARIANT")
fi

NAME=$BOARD${VARIANT:+-$VARIANT}
case ${5:-} in
    '') MODULES=$ROOT/port/micropython.cmake ;;
    bare) NAME=$NAME-bare MODULES= ;;
    *) echo "usage: $0 MPY_DIR SOURCES BOARD VARIANT [bare]" >&2; exit 2 ;;
esac

# The drivers of the board's network and Bluetooth.
has() { cat "$BOARD_DIR"/mpconfigboard.* | grep -Eq "$1"; }
DRIVERS=()
! has 'NETWORK_CYW43|NETWORK_WIZNET5K' || DRIVERS+=(lib/lwip)
! has NETWORK_CYW43 || DRIVERS+=(lib/cyw43-driver)
! has NETWORK_WIZNET5K || DRIVERS+=(lib/wiznet5k)
! has 'BLUETOOTH_BTSTACK +(1|ON)' || DRIVERS+=(lib/btstack)
! has 'BLUETOOTH_NIMBLE +(1|ON)' || DRIVERS+=(lib/mynewt-nimble)
[ ! -f "$BOARD_DIR/manifest.py" ] || DRIVERS+=(lib/micropython-lib)
need_submodules "${DRIVERS[@]}"

[ -f "$MPY_DIR/lib/pico-sdk/pico_sdk_init.cmake" ] ||
    OPTIONS+=("-DPICO_SDK_PATH_OVERRIDE=$(cd "$SOURCES"/pico-sdk-* && pwd)")
[ -f "$MPY_DIR/lib/tinyusb/src/tusb.h" ] || OPTIONS+=("-DTINYUSB_DIR=$(cd "$SOURCES"/tinyusb-* && pwd)")

before_firmware "$NAME"
build_folder "$NAME"
export MICROPY_MPYCROSS=$MPY_CROSS
if ! has_micropython_lib; then
    # The port checks that micropython-lib has a README.
    mkdir -p build/no-micropython-lib
    : >build/no-micropython-lib/README.md
    OPTIONS+=("-DMICROPY_LIB_DIR=$ROOT/build/no-micropython-lib" "-DMICROPY_FROZEN_MANIFEST=$ROOT/port/rp2/manifest.py")
fi

# Files of a failed attempt may name another compiler.
[ -f "build/$NAME/build.ninja" ] || rm -rf "build/$NAME"/CMake*

# MicroPython's own tool makes the UF2 file, so that pico-sdk does not fetch picotool.
logged "$NAME" cmake -S "$PORT" -B "build/$NAME" -G Ninja -Wno-dev \
    -DPICO_NO_PICOTOOL=1 -DPICO_BUILD_DOCS=0 \
    -DCMAKE_PROJECT_INCLUDE="$ROOT/port/rp2/sources.cmake" -DUSER_C_MODULES="$MODULES" -DMQTT_TLS="${MQTT_TLS:-}" "${OPTIONS[@]}"
[ -z "$MODULES" ] || port/sources/rust_std.sh "$(cat "build/$NAME/mqtt/rust_target")"
logged "$NAME" cmake --build "build/$NAME" --parallel "$JOBS"
show_built_in "$NAME"

# The UF2 family that the boot ROM of the processor accepts.
case $(sed -n 's/^PICO_PLATFORM:[A-Z]*=//p' "build/$NAME/CMakeCache.txt") in
    rp2040) FAMILY=0xe48bff56 ;;
    rp2350 | rp2350-arm-s) FAMILY=0xe48bff59 ;;
    rp2350-riscv) FAMILY=0xe48bff5a ;;
    *) echo "build/$NAME: there is no UF2 for this processor" >&2; exit 1 ;;
esac
logged "$NAME" python3 "$MPY_DIR/tools/uf2conv.py" -f $FAMILY -b 0x10000000 -c \
    -o "build/$NAME/firmware.uf2" "build/$NAME/firmware.bin"
