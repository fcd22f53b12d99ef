#!/bin/bash
# Builds MicroPython for this machine, with the module in it:
#
#     port/unix/build.sh MPY_DIR gil      ->  build/unix/micropython
#     port/unix/build.sh MPY_DIR nogil    ->  build/unix-nogil/micropython  (MicroPython's own
#                                             "standard" variant: threads without a GIL)
#     port/unix/build.sh MPY_DIR asan     ->  build/unix-asan/micropython  (as gil, with
#                                             AddressSanitizer in C, and in Rust with a nightly)

set -eu
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
MPY_DIR=$(cd "$1" && pwd)
cd "$ROOT"
JOBS=$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN || echo 1)

case $2 in
    gil) NAME=unix FLAVOUR=("VARIANT_DIR=$ROOT/port/unix" VARIANT=gil) ;;
    nogil) NAME=unix-nogil FLAVOUR=(VARIANT_DIR=variants/standard VARIANT=standard MICROPY_PY_BTREE=0) ;;
    asan)
        NAME=unix-asan
        FLAVOUR=("VARIANT_DIR=$ROOT/port/unix" VARIANT=gil STRIP= LDFLAGS_EXTRA=-fsanitize=address
            # The collector looks at whole stacks, so they have to be real ones.
            "CFLAGS_EXTRA=-fsanitize=address -fno-omit-frame-pointer --param asan-use-after-return=0")
        if cargo +nightly --version >/dev/null 2>&1; then
            FLAVOUR+=("MQTT_CARGO=RUSTFLAGS=-Zsanitizer=address cargo +nightly")
        else
            echo "  NOTE     no nightly toolchain of Rust: only the C code is checked"
        fi
        ;;
    *) echo "There is no variant '$2': VARIANT is gil (the default), nogil or asan." >&2; exit 1 ;;
esac

# A source tree without its own .git must not take this repository's version for its own.
GIT_CEILING_DIRECTORIES=$(dirname "$MPY_DIR")
export GIT_CEILING_DIRECTORIES

# build NAME FOLDER ARGS...: make in MicroPython's folder, into build/NAME.
build() {
    local name=$1 folder=$2 log=$ROOT/build/$1.log
    shift 2
    # Object files of another tree are of no use.
    [ "$(cat "build/$name/.mpy_dir" 2>/dev/null)" = "$MPY_DIR" ] || rm -rf "build/$name"
    mkdir -p "build/$name"
    echo "$MPY_DIR" >"build/$name/.mpy_dir"
    printf '  BUILD    build/%s  (log: build/%s.log)\n' "$name" "$name"
    if ! make -C "$MPY_DIR/$folder" -j"$JOBS" BUILD="$ROOT/build/$name" "$@" >"$log" 2>&1; then
        tail -n 40 "$log" >&2
        echo "The build of build/$name failed; the whole log is in $log" >&2
        exit 1
    fi
}

MPY_CROSS=$ROOT/build/mpy-cross/mpy-cross
[ -x "$MPY_CROSS" ] && [ "$(cat build/mpy-cross/.mpy_dir)" = "$MPY_DIR" ] ||
    build mpy-cross mpy-cross USER_C_MODULES= VARIANT=

# The frozen modules are MicroPython's own; an absent micropython-lib is no obstacle (the port's
# rules look for its README).
LIB=()
[ -e "$MPY_DIR/lib/micropython-lib/README.md" ] || LIB=("MPY_LIB_DIR=$MPY_DIR")

# MicroPython does not make its frozen modules anew when the names that C code uses change,
# and then declares some of them twice.
for glue in port/*.c; do
    [ "build/$NAME/frozen_content.c" -nt "$glue" ] || rm -f "build/$NAME"/frozen_content.*
done

build "$NAME" ports/unix "${FLAVOUR[@]}" "${LIB[@]}" USER_C_MODULES="$ROOT" \
    FROZEN_MANIFEST="$ROOT/port/unix/manifest.py" \
    MICROPY_MPYCROSS="$MPY_CROSS" MICROPY_MPYCROSS_DEPENDENCY="$MPY_CROSS"
