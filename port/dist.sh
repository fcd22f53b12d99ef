#!/bin/sh
# Copies the interpreter, the firmware images and the type stubs into build/dist, under descriptive names,
# with their checksums:    port/dist.sh MPY_DIR

set -eu
MPY_DIR=$1
cd "$(dirname "$0")/.."

number() { sed -n "s/^#define MICROPY_VERSION_$1 *(*\([0-9]*\).*/\1/p" "$MPY_DIR/py/mpconfig.h"; }
MODULE=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
STEM=micropython-$(number MAJOR).$(number MINOR).$(number MICRO)-mqtt-$MODULE

rm -rf build/dist
mkdir -p build/dist
cp build/unix/micropython "build/dist/$STEM-$(uname -s | tr '[:upper:]' '[:lower:]')-$(uname -m)"
for image in build/*/firmware.uf2 build/*/firmware.elf; do
    folder=${image%/*}
    board=${folder#build/}
    # Images without the module serve comparison only. A board with a UF2 file needs no ELF file.
    case $board in *-bare | qemu-*) continue ;; esac
    case $image in *.elf) [ ! -f "$folder/firmware.uf2" ] || continue ;; esac
    [ ! -f "$image" ] || cp "$image" "build/dist/$STEM-$board.${image##*.}"
done
cp typings/mqtt.pyi LICENSE build/dist
# The native module, by the kind of processor: the file of that name in a folder, for mip.
for file in build/mpy/mip/*/mqtt.mpy; do
    [ -f "$file" ] || continue
    folder=build/dist/$(basename "$(dirname "$file")")
    mkdir -p "$folder"
    cp "$file" "$(dirname "$file")/package.json" "$folder"
done
[ ! -f build/mpy/mip/install.py ] || cp build/mpy/mip/install.py build/dist
(cd build/dist && find . -type f | sed 's|^\./||' | LC_ALL=C sort | xargs sha256sum -- >../SHA256SUMS && mv ../SHA256SUMS .)
ls -l build/dist
