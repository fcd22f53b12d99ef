#!/bin/sh
# Copies a firmware to a board of the rp2 port that is connected by USB:    flash.sh BOARD
#
# The board must run its boot ROM, which appears as a drive. MOUNT is the folder of the drive; if MOUNT is
# empty, the script searches MEDIA. If there is no drive, the script uses picotool, if it is installed.

set -eu
cd "$(dirname "$0")/../.."
BOARD=$1
IMAGE=build/$BOARD/firmware.uf2
MEDIA=${MEDIA:-/media /run/media /Volumes}

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

case $BOARD in
    MPS2_*) fail "$BOARD lives in QEMU: there is nothing to flash. 'make repl BOARD=$BOARD' is its prompt." ;;
esac
[ -f "$IMAGE" ] || fail "There is no $IMAGE: 'make firmware BOARD=$BOARD' builds it."

# The name of the boot ROM's drive, by the family in the first block of the UF2 file.
case $(od -A n -t x4 -j 28 -N 4 "$IMAGE" | tr -d ' ') in
    e48bff56) LABEL=RPI-RP2 ;;
    e48bff59 | e48bff5a) LABEL=RP2350 ;;
    *) fail "$IMAGE is not for a processor that is known here." ;;
esac

board_id() { sed -n 's/^Board-ID: *//p' "$1/INFO_UF2.TXT" 2>/dev/null | tr -d '\r'; }

if [ -n "${MOUNT:-}" ]; then
    [ -f "$MOUNT/INFO_UF2.TXT" ] || fail "MOUNT=$MOUNT is not the drive of a boot ROM: it has no INFO_UF2.TXT."
    [ "$(board_id "$MOUNT")" = "$LABEL" ] ||
        fail "MOUNT=$MOUNT is the drive of another processor ($(board_id "$MOUNT")): $BOARD has $LABEL."
    drive=$MOUNT
else
    drive=
    for root in $MEDIA; do
        for found in "$root/$LABEL" "$root"/*/"$LABEL"; do
            [ "$(board_id "$found")" = "$LABEL" ] || continue
            [ -z "$drive" ] || fail "There are two boards, $drive and $found: say which with MOUNT=."
            drive=$found
        done
    done
fi

if [ -n "$drive" ]; then
    echo "  FLASH    $drive"
    cp "$IMAGE" "$drive/firmware.uf2"
    # When the board has the whole file, it starts the firmware, and the drive disappears.
    sync
    echo "The board starts now. Its prompt is on its USB serial port, with mpremote or any terminal program."
    exit 0
fi

if command -v picotool >/dev/null 2>&1; then
    echo "  FLASH    by picotool"
    picotool load -x "$IMAGE" && exit 0
fi

case $BOARD in
    ARDUINO_NANO_RP2040_CONNECT) how="press its button twice, quickly" ;;
    *) how="hold its BOOTSEL button while you plug it in" ;;
esac
if [ -e "/dev/disk/by-label/$LABEL" ]; then
    fail "There is a board, but its drive is not mounted. Mount it, for example with:" \
        "  udisksctl mount -b /dev/disk/by-label/$LABEL" "and say where with MOUNT= if it is not found."
fi
fail "There is no board whose boot ROM could take the firmware (no drive $LABEL in: $MEDIA)." \
    "Connect the board by USB and $how; then a drive of that name appears." \
    "If it is mounted elsewhere: make flash BOARD=$BOARD MOUNT=/where/it/is"
