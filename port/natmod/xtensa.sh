# shellcheck shell=bash
# Compiles and links the module for ESP32 and ESP32-S3. build.sh sources it.
#
# Debian's GCC for the ESP8266 makes code for register windows, too, but its assembler and its linker do not
# know these instructions. LLVM's assembler knows them, and LLVM has no linker for this processor. So both
# compilers write assembler code, xtensa.py joins it, and the assembler finds every address within it.

# Rust has no core library for this processor. So it is built here, with the toolchain that is pinned, which has to
# be told that this is wanted.
TARGET=$PORT/natmod/$TARGET.json
RUSTC_BOOTSTRAP=1 logged "$NAME" "$PORT/rust_library.sh" "$OUT" "$TARGET" release -Z build-std=core \
    -Z build-std-features=optimize_for_size -Z json-target-spec -- --emit=asm
DEPS=$OUT/target/$(basename "$TARGET" .json)/release/deps
# The newest one: an older build has another name.
# shellcheck disable=SC2012
TEXTS=("$(ls -t "$DEPS"/mqtt-*.s | head -n 1)")
for source in "${SOURCES[@]}"; do
    text=$OUT/$(basename "$source" .c).s
    TEXTS+=("$text")
    logged "$NAME" "${CROSS}gcc" "${CFLAGS[@]}" -S -o "$text" "$source"
done
LLC=$(rustc --print sysroot)/lib/rustlib/$(rustc -vV | sed -n 's/^host: //p')/bin/llc
logged "$NAME" "$PORT/natmod/xtensa.py" mpy_init "$OUT/mqtt.ll" "${TEXTS[@]}"
logged "$NAME" "$LLC" -filetype=obj -mcpu=esp32 -o "$OUT/mqtt.elf" "$OUT/mqtt.ll"
