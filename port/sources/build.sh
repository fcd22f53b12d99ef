# shellcheck shell=bash
# Functions that build a firmware. A bash script sources this file; ROOT is this repository, and $1 is
# MicroPython's tree.

MPY_DIR=$(cd "$1" && pwd)
cd "$ROOT" || exit
JOBS=$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN || echo 1)

# Keeps a source tree without its own .git from reading this repository's version.
GIT_CEILING_DIRECTORIES=$(dirname "$MPY_DIR")
export GIT_CEILING_DIRECTORIES
# `make test` builds this one before all others (rust_library.sh).
export MQTT_CRATES=$ROOT/build/unix/mqtt/target/release-fast

# build_folder NAME: makes build/NAME, and sets LOG to the log file.
build_folder() {
    LOG=$ROOT/build/$1.log
    # Object files of another tree cannot be reused.
    [ "$(cat "build/$1/.mpy_dir" 2>/dev/null)" = "$MPY_DIR" ] || rm -rf "build/$1"
    mkdir -p "build/$1"
    echo "$MPY_DIR" >"build/$1/.mpy_dir"
    printf '  BUILD    build/%s  (log: build/%s.log)\n' "$1" "$1"
    : >"$LOG"
}

# logged NAME COMMAND...: runs a step of the build of build/NAME; shows the end of the log if it fails.
logged() {
    local name=$1
    shift
    if ! "$@" >>"$LOG" 2>&1; then
        tail -n 40 "$LOG" >&2
        echo "The build of build/$name failed; the whole log is in $LOG" >&2
        exit 1
    fi
}

# show_built_in NAME: prints the line about the module in build/NAME, which the build has also put into its log.
show_built_in() {
    [ ! -f "build/$1/mqtt/built_in" ] || sed 's/^mqtt: /  MQTT     /' "build/$1/mqtt/built_in"
}

# build NAME FOLDER ARGS...: runs make in FOLDER, with output to build/NAME.
build() {
    local name=$1 folder=$2
    shift 2
    build_folder "$name"
    logged "$name" make -C "$folder" -j"$JOBS" BUILD="$ROOT/build/$name" "$@"
    show_built_in "$name"
}

# Each tree has its own compiler for frozen modules.
case $MPY_DIR in
    */micropython-newest) MPY_CROSS_NAME=mpy-cross-newest ;;
    *) MPY_CROSS_NAME=mpy-cross ;;
esac
MPY_CROSS=$ROOT/build/$MPY_CROSS_NAME/mpy-cross

# Builds that compiler.
need_mpy_cross() {
    [ -x "$MPY_CROSS" ] && [ "$(cat "build/$MPY_CROSS_NAME/.mpy_dir")" = "$MPY_DIR" ] ||
        build "$MPY_CROSS_NAME" "$MPY_DIR/mpy-cross" USER_C_MODULES= VARIANT= BOARD=
}

# before_firmware NAME: prepares the build of a firmware in build/NAME.
before_firmware() {
    local glue
    need_mpy_cross

    # MicroPython does not rebuild its frozen modules when the names in the C code change, and would then
    # declare some names twice.
    for glue in port/*.c; do
        [ "build/$1/frozen_content.c" -nt "$glue" ] || rm -f "build/$1"/frozen_content.*
    done
}

# The firmware freezes MicroPython's own modules only, so it can do without micropython-lib.
has_micropython_lib() { [ -e "$MPY_DIR/lib/micropython-lib/README.md" ]; }

# need_submodules PATH...: ends the script with a message if one of these submodules of MicroPython is empty.
need_submodules() {
    local path missing=()
    for path in "$@"; do
        [ -n "$(ls -A "$MPY_DIR/$path" 2>/dev/null)" ] || missing+=("$path")
    done
    [ ${#missing[@]} = 0 ] && return
    echo "This board needs submodules of MicroPython that are empty in $MPY_DIR. Fetch them with:" >&2
    echo "  git -C $MPY_DIR submodule update --init ${missing[*]}" >&2
    echo "(A source package has no submodules: MPY_DIR=/path/to/micropython names a git checkout.)" >&2
    exit 1
}

# build_firmware NAME FOLDER ARGS...: builds a port, with output to build/NAME.
build_firmware() {
    local name=$1 folder=$2
    shift 2
    before_firmware "$name"
    # The port's rules check that micropython-lib has a README.
    has_micropython_lib || set -- "MPY_LIB_DIR=$MPY_DIR" "$@"
    build "$name" "$folder" MICROPY_MPYCROSS="$MPY_CROSS" MICROPY_MPYCROSS_DEPENDENCY="$MPY_CROSS" "$@"
}
