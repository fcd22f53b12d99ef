#!/bin/bash
# Builds the native module for stock firmware:
#
#     port/natmod/build.sh MPY_DIR ARCH        ->  build/mpy/ARCH/mqtt.mpy
#     port/natmod/build.sh MPY_DIR ARCH tls    ->  build/mpy/ARCH-tls/mqtt.mpy, with built-in TLS
#     port/natmod/build.sh MPY_DIR ARCH aio    ->  build/mpy/ARCH-aio/mqtt.mpy, with the steps of asyncio
#     port/natmod/build.sh MPY_DIR ARCH lean   ->  build/mpy/ARCH-lean/mqtt.mpy, without any option
#
# ARCH is a kind of processor, as MicroPython names it: x64, armv6m, armv7m, armv7emsp, rv32imc, xtensawin. The
# one for a PC always has TLS. MQTT_TLS selects its keys, as in port/micropython.mk.

set -eu
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
. "$ROOT/port/sources/build.sh"
ARCH=$2
PORT=$ROOT/port
NAME=mpy/$ARCH${3:+-$3}
OUT=$ROOT/build/$NAME

case $ARCH in
    x64) CROSS='' TARGET=x86_64-unknown-linux-gnu CPU=(-fno-stack-protector -U_FORTIFY_SOURCE -fcf-protection=none) ;;
    armv6m) CROSS=arm-none-eabi- TARGET=thumbv6m-none-eabi CPU=(-mthumb -mcpu=cortex-m0) ;;
    armv7m) CROSS=arm-none-eabi- TARGET=thumbv7m-none-eabi CPU=(-mthumb -mcpu=cortex-m3) ;;
    armv7emsp)
        CROSS=arm-none-eabi- TARGET=thumbv7em-none-eabihf
        CPU=(-mthumb -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard)
        ;;
    rv32imc) CROSS=riscv64-unknown-elf- TARGET=riscv32imc-unknown-none-elf CPU=(-march=rv32imc -mabi=ilp32) ;;
    xtensawin) CROSS=xtensa-lx106-elf- TARGET=xtensa-esp32-none-elf CPU=(-mabi=windowed) ;;
    *) echo "There is no ARCH '$ARCH': it is x64, armv6m, armv7m, armv7emsp, rv32imc or xtensawin." >&2; exit 1 ;;
esac
EMULATION=()
[ "$ARCH" != rv32imc ] || { EMULATION=(-m elf32lriscv) && [ "$(${CROSS}gcc -print-file-name=picolibc.specs)" = picolibc.specs ] || CPU+=(--specs=picolibc.specs); }

build_folder "$NAME"
mkdir -p "$OUT/genhdr"
VERSION=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)

# Makes the .mpy file of the linked module.
pack() {
    logged "$NAME" "$PORT/natmod/pack.py" "$ARCH" mqtt "$OUT/genhdr/natmod_names.h" "$OUT/mqtt.elf" "$OUT/mqtt.mpy"
    printf '  MPY      build/%s/mqtt.mpy: %s\n' "$NAME" "$(tail -n 1 "$LOG")"
    case " $FEATURES " in
        # The client for asyncio as bytecode: many boards have not the memory to compile it.
        *' aio '*)
            need_mpy_cross
            "$MPY_CROSS" -s mqtt_aio.py -o "$OUT/mqtt_aio.mpy" "$PORT/python/mqtt_aio.py"
            ;;
    esac
}

# The features, as port/micropython.mk names them.
[ "$ARCH" != x64 ] || MQTT_TLS=${MQTT_TLS-p256 rsa p384}
[ "${3:-}" != tls ] || MQTT_TLS=${MQTT_TLS-p256}
# The options: docs/porting.md. A PC has room for all of them. Elsewhere every byte of code is memory.
MQTT_OPTIONS=(OUTBOX INTO STORE AIO V5 PORT_TLS BY_HAND AUTO_RECONNECT)
FEATURES=micropython
OPTION_DEFINES=()
[ "${3:-}" != lean ] || : "${MQTT_TEXTS=0} ${MQTT_PORT_TLS=0} ${MQTT_BY_HAND=0} ${MQTT_AUTO_RECONNECT=0}"
[ "${3:-}" != aio ] || MQTT_OUTBOX=${MQTT_OUTBOX-1} MQTT_AIO=${MQTT_AIO-1}
for option in "${MQTT_OPTIONS[@]}"; do
    case $ARCH$option in
        x64* | *PORT_TLS | *BY_HAND | *AUTO_RECONNECT) value=1 ;;
        *) value=0 ;;
    esac
    variable=MQTT_$option
    value=${!variable:-$value}
    # The steps of asyncio need the outbox.
    [ "$option" != AIO ] || [[ $FEATURES = *outbox* ]] || value=0
    if [ "$value" = 0 ]; then
        OPTION_DEFINES+=("-DMQTT_HAS_$option=0")
    else
        OPTION_DEFINES+=("-DMQTT_HAS_$option=1")
        FEATURES+=" $(printf %s "$option" | tr A-Z_ a-z-)"
    fi
done
# The texts of errors.
[ "${MQTT_TEXTS:-1}" != 0 ] || FEATURES+=' terse'
case " ${MQTT_TLS:-} " in
    '  ') ;;
    *' no-ed25519 '*) FEATURES+=' tls' ;;
    *) FEATURES+=' tls-ed25519' ;;
esac
for key in rsa p384; do
    case " ${MQTT_TLS:-} " in *" $key "*) FEATURES+=" tls-$key" ;; esac
done

# The files that the module shares with the firmware, and its own.
SOURCES=("$PORT"/{modmqtt,mqtt_aeabi,mqtt_borrowed_socket,mqtt_sched,mqtt_thread,mqtt_vm,mqtt_vm_dict,mqtt_wait,mqtt_wait_unix}.c "$PORT"/natmod/*.c)
DEFINES=(-DMICROPY_ENABLE_DYNRUNTIME -DNO_QSTR '-DMP_CONFIGFILE=<natmod/config.h>' "-DMQTT_VERSION=\"$VERSION\""
    "${OPTION_DEFINES[@]}")
INCLUDES=("-I$PORT" "-I$MPY_DIR" "-I$OUT/genhdr")
CFLAGS=("${CPU[@]}" -std=gnu11 -Os -fno-common -fvisibility=hidden -ffunction-sections -fdata-sections -fno-builtin
    -fno-jump-tables -fno-asynchronous-unwind-tables -Wall -Wextra -Werror -Wno-unused-parameter -Wno-unused-function
    "${DEFINES[@]}" "${INCLUDES[@]}")

case $ARCH in
    # With setjmp(), GCC warns of variables that CATCH() sets. It sets them after the last call that can raise.
    xtensawin) CFLAGS+=(-Wno-clobbered) ;;
    # Constant words hold the addresses, and the loader corrects them. The code that finds addresses by itself is
    # longer.
    arm*) ;;
    *) CFLAGS+=(-fPIC) ;;
esac

# shellcheck disable=SC2016
[ -e "$OUT/genhdr/natmod_names.h" ] || logged "$NAME" touch "$OUT/genhdr/natmod_names.h"
printf '%s\n' "${SOURCES[@]}" | logged "$NAME" "$PORT/natmod/names.py" "$OUT/genhdr/natmod_names.h" "${CROSS}gcc" "${CFLAGS[@]}"

# The Rust side.
SYSTEM=$("${CROSS}gcc" "${CPU[@]}" -E -Wp,-v -xc /dev/null 2>&1 | sed -n 's/^ \(\/.*\)/-isystem \1/p')
{
    # The names of the shell are those of the compiler's command line.
    printf '%s ' "${DEFINES[@]}" "${INCLUDES[@]}" -DNATMOD_BINDGEN
    [ -z "$CROSS" ] || printf '%s ' "$SYSTEM"
    # libclang does not know this processor. The types of C have the same sizes on that one.
    [ "$ARCH" != xtensawin ] || printf -- '--target=riscv32 -D__xtensa__ '
} >"$OUT/cflags.new"
cmp -s "$OUT/cflags.new" "$OUT/cflags" || cp "$OUT/cflags.new" "$OUT/cflags"
cat >"$OUT/cargo.env" <<EOF
export MQTT_FEATURES='$FEATURES'
export MQTT_MPY_CFLAGS='$OUT/cflags'
export MQTT_MPY_PORT_DIR='$PORT/natmod'
export MQTT_MPY_GENHDR='$OUT/genhdr'
EOF
# Crates for a core library that is built for size are other ones. `make mpy` builds this file before those for the
# other boards.
[ -z "$CROSS" ] || export MQTT_CRATES=$ROOT/build/mpy/armv6m/target/release
# A second file for the processor takes the core library, too.
[ -d "$OUT/target" ] || [ ! -d "build/mpy/$ARCH/target" ] || cp -a "build/mpy/$ARCH/target" "$OUT/target"

if [ "$ARCH" = xtensawin ]; then
    # shellcheck source=xtensa.sh
    . "$PORT/natmod/xtensa.sh"
    pack
    exit
fi

# Every byte of code is memory of the board.
MQTT_BUILD_STD=$([ -z "$CROSS" ] && echo 0 || echo 1)
export MQTT_BUILD_STD
RUSTFLAGS='-C relocation-model=pic' logged "$NAME" "$PORT/rust_object.sh" "$OUT" "$OUT/rust.o" "$TARGET" release \
    "${CROSS}ar" "${CROSS}ld"

# The C side.
OBJECTS=()
for source in "${SOURCES[@]}"; do
    object=$OUT/$(basename "$source" .c).o
    OBJECTS+=("$object")
    logged "$NAME" "${CROSS}gcc" "${CFLAGS[@]}" -c -o "$object" "$source"
done

SCRIPT=$PORT/natmod/link.ld
if [ "$ARCH" = x64 ]; then
    # On Linux the code stays writable, so it can hold variables: the built-in TLS remembers there which
    # instructions the processor has.
    SCRIPT=$OUT/link.ld
    sed 's/^ *\*(\.got .*/        *(.data .data.*)\n&/' "$PORT/natmod/link.ld" >"$SCRIPT"
fi
LINKER=("${CROSS}ld")
# GNU's linker for this processor without a system makes no shared objects. Rust brings one that does.
[ "$ARCH" != rv32imc ] || LINKER=("$PORT/natmod/lld.sh" -z norelro)
LIBGCC=$("${CROSS}gcc" "${CPU[@]}" -print-libgcc-file-name)
logged "$NAME" "${LINKER[@]}" "${EMULATION[@]}" -shared -Bsymbolic -z notext --gc-sections --emit-relocs \
    -T "$SCRIPT" -Map="$OUT/mqtt.map" -o "$OUT/mqtt.elf" "${OBJECTS[@]}" "$OUT/rust.o" "$LIBGCC"
pack
