# How a firmware is built; for bash, to be sourced. ROOT is this repository, $1 MicroPython's tree.

MPY_DIR=$(cd "$1" && pwd)
cd "$ROOT"
JOBS=$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN || echo 1)

# A source tree without its own .git must not take this repository's version for its own.
GIT_CEILING_DIRECTORIES=$(dirname "$MPY_DIR")
export GIT_CEILING_DIRECTORIES

# build NAME FOLDER ARGS...: make in a folder, into build/NAME.
build() {
    local name=$1 folder=$2 log=$ROOT/build/$1.log
    shift 2
    # Object files of another tree are of no use.
    [ "$(cat "build/$name/.mpy_dir" 2>/dev/null)" = "$MPY_DIR" ] || rm -rf "build/$name"
    mkdir -p "build/$name"
    echo "$MPY_DIR" >"build/$name/.mpy_dir"
    printf '  BUILD    build/%s  (log: build/%s.log)\n' "$name" "$name"
    if ! make -C "$folder" -j"$JOBS" BUILD="$ROOT/build/$name" "$@" >"$log" 2>&1; then
        tail -n 40 "$log" >&2
        echo "The build of build/$name failed; the whole log is in $log" >&2
        exit 1
    fi
}

# build_firmware NAME FOLDER ARGS...: the same, of a port.
build_firmware() {
    local name=$1 folder=$2 mpy_cross=$ROOT/build/mpy-cross/mpy-cross glue
    shift 2
    [ -x "$mpy_cross" ] && [ "$(cat build/mpy-cross/.mpy_dir)" = "$MPY_DIR" ] ||
        build mpy-cross "$MPY_DIR/mpy-cross" USER_C_MODULES= VARIANT= BOARD=

    # MicroPython does not make its frozen modules anew when the names that C code uses change,
    # and then declares some of them twice.
    for glue in port/*.c; do
        [ "build/$name/frozen_content.c" -nt "$glue" ] || rm -f "build/$name"/frozen_content.*
    done

    # The frozen modules are MicroPython's own; an absent micropython-lib is no obstacle (the
    # port's rules look for its README).
    [ -e "$MPY_DIR/lib/micropython-lib/README.md" ] || set -- "MPY_LIB_DIR=$MPY_DIR" "$@"
    build "$name" "$folder" MICROPY_MPYCROSS="$mpy_cross" MICROPY_MPYCROSS_DEPENDENCY="$mpy_cross" "$@"
}
