#!/bin/bash
# Builds the firmware of a board of one of MicroPython's ports that build with make: stm32, mimxrt, samd, ...
#
#     port/make/build.sh PORT MPY_DIR BOARD VARIANT [bare]    ->  build/BOARD[-VARIANT][-bare]/firmware.*

set -eu
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
PORT=$1
shift
. "$ROOT/port/sources/build.sh"
BOARD=$2 VARIANT=$3
FOLDER=$MPY_DIR/ports/$PORT

NAME=$BOARD${VARIANT:+-$VARIANT}
case ${4:-} in
    '') MODULES=$ROOT ;;
    bare) NAME=$NAME-bare MODULES='' ;;
    *) echo "usage: $0 PORT MPY_DIR BOARD VARIANT [bare]" >&2; exit 2 ;;
esac
SETTINGS=(BOARD="$BOARD" USER_C_MODULES="$MODULES" ${VARIANT:+BOARD_VARIANT="$VARIANT"})

# ask VARIABLE: prints a variable of the port's makefiles.
ask() {
    make -s -C "$FOLDER" BUILD="$ROOT/build/$NAME" "${SETTINGS[@]}" --eval="question: ; @echo answer=\$($1)" question |
        sed -n 's/^answer=//p'
}

# shellcheck disable=SC2046  # one word for each submodule
need_submodules $(ask GIT_SUBMODULES)
[ -z "$MODULES" ] || port/sources/rust_std.sh "$(ask MQTT_RUST_TARGET)"
build_firmware "$NAME" "$FOLDER" "${SETTINGS[@]}"
