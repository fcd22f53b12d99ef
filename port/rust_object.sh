#!/bin/sh
# Makes the Rust side of the module, as one relocatable object:
#
#     port/rust_object.sh FOLDER OBJECT TARGET PROFILE AR LD [ARGUMENTS FOR CARGO...]
#
# FOLDER holds cargo.env, which says what is built in (MQTT_FEATURES), and where build.rs finds the
# port's flags and headers. MQTT_CARGO may name another cargo. The object only changes when the
# library did.

set -eu
folder=$1 object=$2 target=$3 profile=$4 ar=$5 ld=$6
shift 6
port=$(cd "$(dirname "$0")" && pwd)
cd "$port/.."

if command -v rustc >/dev/null && [ ! -d "$(rustc --print sysroot)/lib/rustlib/$target" ]; then
    echo "mqtt: Rust's standard library for $target is not installed: rustup target add $target" >&2
    exit 1
fi

# shellcheck disable=SC1091  # written by micropython.mk or micropython.cmake
. "$folder/cargo.env"
# shellcheck disable=SC2086  # a command and its arguments
env CARGO_TARGET_DIR="$folder/target" ${MQTT_CARGO:-cargo} rustc --quiet --locked --lib --crate-type staticlib \
    --features "$MQTT_FEATURES" --profile "$profile" --target "$target" "$@"

# Without Rust's compiler_builtins: what is linked first wins, and its arithmetic would take the place
# of libgcc's, or of the processor's own, everywhere in the firmware, and be larger.
library=$folder/libmqtt.a
cp "$folder/target/$target/$profile/libmqtt.a" "$library"
"$ar" t "$library" | grep '^compiler_builtins' | xargs "$ar" d "$library"

# Only what the C glue calls is taken, with what that needs.
entries=$("$port/rust_entries.sh" | sed 's/^/-u /')
# A toolchain for 64 bits makes 32 only when told to.
case $target in riscv32*) emulation='-m elf32lriscv' ;; *) emulation= ;; esac
# shellcheck disable=SC2086  # several words
"$ld" $emulation -r -o "$folder/new.o" $entries "$library"
# Nothing unwinds the stack: a panic ends the program. Most ports' linker scripts have no place for
# what Arm would need for that.
"${ld%ld}objcopy" -R '.ARM.exidx*' -R '.ARM.extab*' "$folder/new.o"
cmp -s "$folder/new.o" "$object" || cp "$folder/new.o" "$object"
