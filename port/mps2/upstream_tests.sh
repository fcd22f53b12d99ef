#!/bin/bash
# Runs MicroPython's own tests on a board whose firmware has the module:
#
#     port/mps2/upstream_tests.sh MPY_DIR BOARD      ->  build/upstream-tests/BOARD

set -eu -o pipefail
cd "$(dirname "$0")/../.."
TESTS=$(cd "$1/tests" && pwd)
BOARD=$2
IMAGE=$PWD/build/$BOARD/firmware.elf
RESULTS=$PWD/build/upstream-tests/$BOARD
LIST=$PWD/port/mps2/upstream_failures.txt
MACHINE=$(sed -n 's/^QEMU_MACHINE *= *//p' "port/mps2/boards/$BOARD/mpconfigboard.mk")

FOLDERS="basics extmod float inlineasm/thumb io micropython misc stress"

# The tests that cannot pass, as patterns for run-tests.py:
EXCEPT=
except() { EXCEPT=$EXCEPT${EXCEPT:+|}$1; }
# - tests that use unittest, which comes from micropython-lib;
# shellcheck disable=SC2086  # a list of folders
for file in $(cd "$TESTS" && grep -l '^ *import unittest' -r $FOLDERS); do
    except "^${file//./\\.}\$"
done
# - tests that need files, which the board does not have, or arguments in sys.argv;
except '^io/(argv|file|open)'
# - floating point in assembler, without an FPU.
grep -q -- -mfpu= "port/mps2/boards/$BOARD/mpconfigboard.mk" || except '^inlineasm/thumb/asmfp'

rm -rf "$RESULTS"
mkdir -p "$RESULTS"
cd "$TESTS"
export PYTHONDONTWRITEBYTECODE=1
# The time limit ends a run whose board has died: MicroPython's tool would wait endlessly.
# shellcheck disable=SC2086  # a list of folders
timeout 1800 python3 run-tests.py -r "$RESULTS" -e "$EXCEPT" -d $FOLDERS -t "exec:qemu-system-arm -machine $MACHINE \
    -kernel $IMAGE -display none -monitor none -serial stdio -nic user -semihosting-config enable=on,target=native" \
    >"$RESULTS/log" || true
grep -q ' tests performed' "$RESULTS/log" || { tail -n 20 "$RESULTS/log" >&2; echo "The tests did not come to an end." >&2; exit 1; }

# upstream_failures.txt lists the expected failures and their reasons. Any other failure fails this script.
expected() { sed -n "s/^\(all\|$BOARD\) \([^ ]*\.py\): .*/\2/p" "$LIST" | sort; }
failed() { sed -n 's/^FAIL  \([^ ]*\.py\).*/\1/p' "$RESULTS/log" | sort; }
comm -13 <(failed) <(expected) | sed 's/$/ passes now: take it off the list/'
grep ' tests performed\| tests passed\| tests failed' "$RESULTS/log"
unexpected=$(comm -23 <(failed) <(expected))
if [ -n "$unexpected" ]; then
    echo "Failed, though not in ${LIST#"$PWD"/}:" >&2
    echo "$unexpected" >&2
    echo "Results are in $RESULTS." >&2
    exit 1
fi
