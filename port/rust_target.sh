#!/bin/sh
# Prints the Rust target for the processor that a C compiler's flags name:
#
#     port/rust_target.sh CROSS_COMPILE FLAGS...
#
# Only this script knows the mapping. CROSS_COMPILE is the prefix of a cross compiler's name, and empty for
# the compiler of this machine.

set -eu
CROSS_COMPILE=$1
shift

# Newer build systems hand the flags to the compiler in files: @FILE.
flags=
for word in "$@"; do
    case $word in
        @*) word=$(tr -d "\"'" <"${word#@}") ;;
    esac
    flags="$flags $word"
done

cpu='' arch='' eabi=eabi
for flag in $flags; do
    case $flag in
        -mcpu=*) cpu=${flag#-mcpu=} ;;
        -march=*) arch=${flag#-march=} ;;
        # softfp passes floats like soft; only "hard" is another ABI.
        -mfloat-abi=hard) eabi=eabihf ;;
        -mfloat-abi=*) eabi=eabi ;;
    esac
done

case ${cpu%%+*} in
    cortex-m0 | cortex-m0plus | cortex-m1) echo thumbv6m-none-eabi ;;
    cortex-m3) echo thumbv7m-none-eabi ;;
    cortex-m4 | cortex-m7) echo thumbv7em-none-$eabi ;;
    cortex-m23) echo thumbv8m.base-none-eabi ;;
    cortex-m33 | cortex-m35p | cortex-m55 | cortex-m85) echo thumbv8m.main-none-$eabi ;;
    *)
        case $arch in
            rv32imac* | rv32ima_*zca*) echo riscv32imac-unknown-none-elf ;;
            rv32imafc*) echo riscv32imafc-unknown-none-elf ;;
            rv32imc*) echo riscv32imc-unknown-none-elf ;;
            *)
                if [ -n "$CROSS_COMPILE" ]; then
                    if [ -n "$cpu$arch" ]; then
                        echo "mqtt: no Rust target is known for this processor (-mcpu=${cpu:-none}" \
                            "-march=${arch:-none}). Give it as MQTT_RUST_TARGET=<triple>." >&2
                    else
                        echo "mqtt: the port's compiler flags name no processor (-mcpu, -march). Give its" \
                            "Rust target as MQTT_RUST_TARGET=<triple>." >&2
                    fi
                    cat >&2 <<END
Likely ones ('rustc --print target-list' names all):
  thumbv6m-none-eabi           Cortex-M0, M0+
  thumbv7m-none-eabi           Cortex-M3
  thumbv7em-none-eabi[hf]      Cortex-M4, M7; hf with -mfloat-abi=hard
  thumbv8m.main-none-eabi[hf]  Cortex-M33, M55, M85; hf with -mfloat-abi=hard
  riscv32imc-unknown-none-elf  ESP32-C3
  riscv32imac-unknown-none-elf ESP32-C6, RP2350
  xtensa-esp32-none-elf        ESP32, with Espressif's Rust toolchain
END
                    exit 1
                fi
                rustc -vV | sed -n 's/^host: //p'
                ;;
        esac
        ;;
esac
