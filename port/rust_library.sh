#!/bin/sh
# Compiles the Rust code of the module to a static library, FOLDER/target/TRIPLE/PROFILE/libmqtt.a:
#
#     port/rust_library.sh FOLDER TARGET PROFILE [ARGUMENTS FOR CARGO...]
#
# FOLDER holds cargo.env, which names the features to build in (MQTT_FEATURES) and the files with the port's
# flags and headers. MQTT_CARGO may name another cargo. MQTT_CRATES may name the folder FOLDER/target/PROFILE of another
# build: a new build takes bindgen and the crates below it from there. The script prints the target, the profile, the TLS and the
# options of the module in one line, which it also writes to FOLDER/built_in.

set -eu
folder=$1 target=$2 profile=$3
shift 3
cd "$(dirname "$0")/.."

# A target can be a file that describes it.
if [ "${target%.json}" = "$target" ] && command -v rustc >/dev/null && [ ! -d "$(rustc --print sysroot)/lib/rustlib/$target" ]; then
    echo "mqtt: Rust's standard library for $target is not installed: rustup target add $target" >&2
    exit 1
fi

# shellcheck disable=SC1091  # written by micropython.mk or micropython.cmake
. "$folder/cargo.env"
tls='' options=''
for feature in $MQTT_FEATURES; do
    case $feature in
        micropython) ;;
        tls) tls=p256 ;;
        tls-*) tls="${tls:-p256} ${feature#tls-}" ;;
        *) options="$options $feature" ;;
    esac
done
echo "mqtt: target $(basename "$target" .json), profile $profile, TLS: ${tls:-none}, options:${options:- none}" >"$folder/built_in"
cat "$folder/built_in"

if [ -d "${MQTT_CRATES:-}" ] && [ ! -d "$folder/target/$profile" ]; then
    rm -rf "$folder/crates"
    mkdir -p "$folder/target"
    cp -a "$MQTT_CRATES" "$folder/crates"
    mv "$folder/crates" "$folder/target/$profile"
fi

# shellcheck disable=SC2086  # a command and its arguments
env CARGO_TARGET_DIR="$folder/target" ${MQTT_CARGO:-cargo} rustc --quiet --locked --lib --crate-type staticlib \
    --features "$MQTT_FEATURES" --profile "$profile" --target "$target" "$@"
