# How a firmware is built; for bash, to be sourced. ROOT is this repository, $1 MicroPython's tree.

MPY_DIR=$(cd "$1" && pwd)
cd "$ROOT"
JOBS=$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN || echo 1)

# A source tree without its own .git must not take this repository's version for its own.
GIT_CEILING_DIRECTORIES=$(dirname "$MPY_DIR")
export GIT_CEILING_DIRECTORIES

# build_folder NAME: makes build/NAME, and LOG the file to log to.
build_folder() {
    LOG=$ROOT/build/$1.log
    # Object files of another tree are of no use.
    [ "$(cat "build/$1/.mpy_dir" 2>/dev/null)" = "$MPY_DIR" ] || rm -rf "build/$1"
    mkdir -p "build/$1"
    echo "$MPY_DIR" >"build/$1/.mpy_dir"
    printf '  BUILD    build/%s  (log: build/%s.log)\n' "$1" "$1"
    : >"$LOG"
}

# logged NAME COMMAND...: runs a step of the build of build/NAME; shows its last words if it fails.
logged() {
    local name=$1
    shift
    if ! "$@" >>"$LOG" 2>&1; then
        tail -n 40 "$LOG" >&2
        echo "The build of build/$name failed; the whole log is in $LOG" >&2
        exit 1
    fi
}

# build NAME FOLDER ARGS...: make in a folder, into build/NAME.
build() {
    local name=$1 folder=$2
    shift 2
    build_folder "$name"
    logged "$name" make -C "$folder" -j"$JOBS" BUILD="$ROOT/build/$name" "$@"
}

# Each tree has its own compiler of frozen modules.
case $MPY_DIR in
    */micropython-newest) MPY_CROSS_NAME=mpy-cross-newest ;;
    *) MPY_CROSS_NAME=mpy-cross ;;
esac
MPY_CROSS=$ROOT/build/$MPY_CROSS_NAME/mpy-cross

# before_firmware NAME: what every firmware needs that is built into build/NAME.
before_firmware() {
    local glue
    [ -x "$MPY_CROSS" ] && [ "$(cat "build/$MPY_CROSS_NAME/.mpy_dir")" = "$MPY_DIR" ] ||
        build "$MPY_CROSS_NAME" "$MPY_DIR/mpy-cross" USER_C_MODULES= VARIANT= BOARD=

    # MicroPython does not make its frozen modules anew when the names that C code uses change,
    # and then declares some of them twice.
    for glue in port/*.c; do
        [ "build/$1/frozen_content.c" -nt "$glue" ] || rm -f "build/$1"/frozen_content.*
    done
}

# The frozen modules are MicroPython's own; an absent micropython-lib is no obstacle.
has_micropython_lib() { [ -e "$MPY_DIR/lib/micropython-lib/README.md" ]; }

# build_firmware NAME FOLDER ARGS...: make of a port, into build/NAME.
build_firmware() {
    local name=$1 folder=$2
    shift 2
    before_firmware "$name"
    # The port's rules look for micropython-lib's README.
    has_micropython_lib || set -- "MPY_LIB_DIR=$MPY_DIR" "$@"
    build "$name" "$folder" MICROPY_MPYCROSS="$MPY_CROSS" MICROPY_MPYCROSS_DEPENDENCY="$MPY_CROSS" "$@"
}
