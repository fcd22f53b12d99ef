#!/bin/sh
# Makes the Rust code of the module, as one relocatable object:
#
#     port/rust_object.sh FOLDER OBJECT TARGET PROFILE AR LD [ARGUMENTS FOR CARGO...]
#
# FOLDER holds cargo.env, which names the features to build in (MQTT_FEATURES) and the files with the port's
# flags and headers. MQTT_CARGO may name another cargo. The script replaces the object only if the library
# has changed.

set -eu
folder=$1 object=$2 target=$3 profile=$4 ar=$5 ld=$6
shift 6
port=$(cd "$(dirname "$0")" && pwd)
cd "$port/.."

# A target can be a file that describes it.
triple=$(basename "$target" .json)
if [ "$triple" = "$target" ] && command -v rustc >/dev/null && [ ! -d "$(rustc --print sysroot)/lib/rustlib/$target" ]; then
    echo "mqtt: Rust's standard library for $target is not installed: rustup target add $target" >&2
    exit 1
fi

# shellcheck disable=SC1091  # written by micropython.mk or micropython.cmake
. "$folder/cargo.env"
# shellcheck disable=SC2086  # a command and its arguments
env CARGO_TARGET_DIR="$folder/target" ${MQTT_CARGO:-cargo} rustc --quiet --locked --lib --crate-type staticlib \
    --features "$MQTT_FEATURES" --profile "$profile" --target "$target" "$@"

# Removes Rust's compiler_builtins. The linker takes the first definition of a function, so the arithmetic
# of that crate would replace libgcc's in the whole firmware, and it is larger.
library=$folder/libmqtt.a
cp "$folder/target/$triple/$profile/libmqtt.a" "$library"
"$ar" t "$library" | grep '^compiler_builtins' | xargs "$ar" d "$library"

# Takes only the functions that the C files call, and the code that these need.
entries=$("$port/rust_entries.sh" "$MQTT_FEATURES" | sed 's/^/-u /')
# A 64-bit toolchain links 32-bit objects only with this option.
case $triple in riscv32*) emulation='-m elf32lriscv' ;; *) emulation= ;; esac
# shellcheck disable=SC2086  # several words
"$ld" $emulation -r -o "$folder/new.o" $entries "$library"
# Removes Arm's unwinding tables: a panic ends the program without unwinding, and the linker scripts of
# most ports have no section for these tables.
"${ld%ld}objcopy" -R '.ARM.exidx*' -R '.ARM.extab*' "$folder/new.o"
cmp -s "$folder/new.o" "$object" || cp "$folder/new.o" "$object"
