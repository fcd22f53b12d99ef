#!/bin/sh
# Makes the Rust code of the module, as one relocatable object:
#
#     port/rust_object.sh FOLDER OBJECT TARGET PROFILE AR LD [ARGUMENTS FOR CARGO...]
#
# FOLDER is as for rust_library.sh. The script replaces the object only if the library has changed.

set -eu
folder=$1 object=$2 target=$3 profile=$4 ar=$5 ld=$6
shift 6
port=$(cd "$(dirname "$0")" && pwd)
cd "$port/.."

"$port/rust_library.sh" "$folder" "$target" "$profile" "$@"

# Removes Rust's compiler_builtins. The linker takes the first definition of a function, so the arithmetic
# of that crate would replace libgcc's in the whole firmware, and it is larger.
triple=$(basename "$target" .json)
library=$folder/libmqtt.a
cp "$folder/target/$triple/$profile/libmqtt.a" "$library"
"$ar" t "$library" | grep '^compiler_builtins' | xargs "$ar" d "$library"

# Takes only the functions that the C files call, and the code that these need.
# shellcheck disable=SC1091  # written by micropython.mk or micropython.cmake
. "$folder/cargo.env"
entries=$("$port/rust_entries.sh" "$MQTT_FEATURES" | sed 's/^/-u /')
# A 64-bit toolchain links 32-bit objects only with this option.
case $triple in riscv32*) emulation='-m elf32lriscv' ;; *) emulation= ;; esac
# shellcheck disable=SC2086  # several words
"$ld" $emulation -r -o "$folder/new.o" $entries "$library"
# Removes Arm's unwinding tables: a panic ends the program without unwinding, and the linker scripts of
# most ports have no section for these tables.
"${ld%ld}objcopy" -R '.ARM.exidx*' -R '.ARM.extab*' "$folder/new.o"
cmp -s "$folder/new.o" "$object" || cp "$folder/new.o" "$object"
