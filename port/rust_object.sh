#!/bin/sh
# Makes the Rust code of the module, as one relocatable object:
#
#     port/rust_object.sh FOLDER OBJECT TARGET PROFILE AR LD [ARGUMENTS FOR CARGO...]
#
# FOLDER is as for rust_library.sh. The script replaces the object only if the library has changed. With
# MQTT_BUILD_STD=1 it builds Rust's core library, too, for size.

set -eu
folder=$1 object=$2 target=$3 profile=$4 ar=$5 ld=$6
shift 6
port=$(cd "$(dirname "$0")" && pwd)
cd "$port/.."
# shellcheck disable=SC1091  # written by micropython.mk or micropython.cmake
. "$folder/cargo.env"

# The core library that comes with Rust is built for speed, and with frame pointers. The toolchain that is pinned
# has to be told that another one is wanted.
if [ "${MQTT_BUILD_STD:-0}" != 0 ]; then
    export RUSTC_BOOTSTRAP=1
    target=$("$port/rust_description.sh" "$folder" "$target")
    case " $MQTT_FEATURES " in *' tls-rsa '*) crates=core,alloc ;; *) crates=core ;; esac
    set -- -Z build-std="$crates" -Z build-std-features=optimize_for_size -Z json-target-spec "$@"
fi

"$port/rust_library.sh" "$folder" "$target" "$profile" "$@"

# Removes Rust's compiler_builtins. The linker takes the first definition of a function, so the arithmetic
# of that crate would replace libgcc's in the whole firmware, and it is larger.
triple=$(basename "$target" .json)
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
