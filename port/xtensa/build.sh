#!/bin/bash
# Builds MicroPython, without the module, for an emulated Xtensa processor:
#
#     port/xtensa/build.sh MPY_DIR     ->  build/xtensa/firmware.elf
#
# It runs main.py of the folder where QEMU is started, and finds modules there.

set -eu
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
. "$ROOT/port/sources/build.sh"

build xtensa "$ROOT/port/xtensa" MPY_DIR="$MPY_DIR"
