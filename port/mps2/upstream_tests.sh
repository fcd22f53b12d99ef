#!/bin/bash
# Runs MicroPython's own tests on a board, with the module in its firmware:
#
#     port/mps2/upstream_tests.sh MPY_DIR BOARD      ->  build/upstream-tests/BOARD

set -eu -o pipefail
cd "$(dirname "$0")/../.."
TESTS=$(cd "$1/tests" && pwd)
BOARD=$2
IMAGE=$PWD/build/$BOARD/firmware.elf
RESULTS=$PWD/build/upstream-tests/$BOARD
MACHINE=$(sed -n 's/^QEMU_MACHINE *= *//p' "port/mps2/boards/$BOARD/mpconfigboard.mk")

FOLDERS="basics extmod float inlineasm/thumb io micropython misc stress"

# What cannot pass, as patterns of run-tests.py:
EXCEPT=
except() { EXCEPT=$EXCEPT${EXCEPT:+|}$1; }
# - tests that use unittest, which comes from micropython-lib;
for file in $(cd "$TESTS" && grep -l '^ *import unittest' -r $FOLDERS); do
    except "^${file//./\\.}\$"
done
# - tests that need files, of which there are none here, or something in sys.argv;
except '^io/(argv|file|open)'
# - floating point in assembler, without an FPU.
grep -q -- -mfpu= "port/mps2/boards/$BOARD/mpconfigboard.mk" || except '^inlineasm/thumb/asmfp'

rm -rf "$RESULTS"
mkdir -p "$RESULTS"
cd "$TESTS"
export PYTHONDONTWRITEBYTECODE=1
# The limit is for a board that died: MicroPython's tool waits for it for ever.
# shellcheck disable=SC2086  # a list of folders
timeout 1800 python3 run-tests.py -r "$RESULTS" -e "$EXCEPT" -d $FOLDERS -t "exec:qemu-system-arm -machine $MACHINE \
    -kernel $IMAGE -display none -monitor none -serial stdio -nic user -semihosting-config enable=on,target=native" |
    grep -v '^pass\|^skip\|tests skipped'
