#!/bin/sh
# Finds the tools that are missing on this machine and installs them: system packages with apt-get, the
# pinned Rust toolchain with rustup. If nothing is missing, it changes nothing.
#
#     port/sources/deps.sh            the tools for the unix port and the tests
#     port/sources/deps.sh BOARD      and the tools for a board of port/mps2/boards or of the rp2 port
#     port/sources/deps.sh arm        and the tools for the ports for Arm that build with make
#     port/sources/deps.sh VIRT_RV32  and the tools for that board of MicroPython's qemu port
#     port/sources/deps.sh mpy-ARCH   and the tools for the native module for that kind of processor
#     port/sources/deps.sh bench      and the tools for the benchmark
#     port/sources/deps.sh brokers    and the tools for the brokers of the interoperability run
#     port/sources/deps.sh ports      and the tools for `make ports-test`
#     port/sources/deps.sh checks     and the tools for `make lint`

set -eu
cd "$(dirname "$0")/../.."
BOARD=${1:-}
PATH=$PATH:/usr/sbin:/sbin

have() { command -v "$1" >/dev/null 2>&1; }

# Two stages of the tests may need tools at the same time; apt-get and rustup install one thing at a time.
if [ -z "${MQTT_DEPS_LOCKED:-}" ] && have flock; then
    mkdir -p build
    exec env MQTT_DEPS_LOCKED=1 flock build/deps.lock port/sources/deps.sh "$@"
fi

# any FILE...: succeeds if one of these exists. (The shell has expanded the patterns.)
any() {
    for file in "$@"; do [ -e "$file" ] && return 0; done
    return 1
}

# bindgen loads libclang at run time, and needs the compiler's own headers beside it.
have_libclang() {
    [ -n "${LIBCLANG_PATH:-}" ] && return 0
    any /usr/lib/llvm-*/lib/libclang.so* /usr/lib/llvm-*/lib/libclang-*.so* \
        /usr/lib64/libclang.so* /usr/lib/libclang.so* &&
        any /usr/lib/llvm-*/lib/clang/*/include/stddef.h /usr/lib*/clang/*/include/stddef.h
}

missing_packages() {
    have gcc || echo gcc libc6-dev
    have make || echo make
    have git || echo git
    have xz || echo xz-utils
    have pkg-config || echo pkg-config
    { have pkg-config && pkg-config --exists libffi; } || any /usr/include/ffi.h /usr/include/*/ffi.h || echo libffi-dev
    have_libclang || echo libclang-dev
    { have mosquitto && have mosquitto_passwd; } || echo mosquitto
    have mosquitto_pub || echo mosquitto-clients
    have python3 || echo python3
    python3 -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
    case $BOARD in
        '') ;;
        brokers) missing_node && missing_brokers ;;
        checks) missing_check_packages ;;
        ports) missing_arm_packages && missing_cmake ;;
        VIRT_RV32) missing_riscv_packages ;;
        sizes) missing_riscv_packages ;;
        mpy-x64) ;;
        arm | mpy-armv*) missing_arm_packages ;;
        mpy-rv32imc) missing_riscv_packages ;;
        mpy-xtensawin) missing_xtensa_packages ;;
        bench)
            any /usr/include/mosquitto.h /usr/local/include/mosquitto.h || echo libmosquitto-dev
            any /usr/include/openssl/ssl.h /usr/local/include/openssl/ssl.h || echo libssl-dev
            ;;
        MPS2_*) missing_arm_packages && missing_qemu ;;
        *) missing_arm_packages && missing_rp2_packages ;;
    esac
}

missing_check_packages() {
    have shellcheck || echo shellcheck
    missing_node
}

missing_arm_packages() {
    have arm-none-eabi-gcc || echo gcc-arm-none-eabi
    { have arm-none-eabi-gcc && echo '#include <stdlib.h>' | arm-none-eabi-gcc -E - >/dev/null 2>&1; } ||
        echo libnewlib-arm-none-eabi
}

missing_riscv_packages() {
    have riscv64-unknown-elf-gcc || echo gcc-riscv64-unknown-elf
    { have riscv64-unknown-elf-gcc && [ -f "$(riscv64-unknown-elf-gcc -print-file-name=picolibc.specs)" ]; } ||
        echo picolibc-riscv64-unknown-elf
    have qemu-system-riscv32 || echo qemu-system-misc
}

missing_xtensa_packages() {
    have xtensa-lx106-elf-gcc || echo gcc-xtensa-lx106
    { have xtensa-lx106-elf-gcc && echo '#include <string.h>' | xtensa-lx106-elf-gcc -E - >/dev/null 2>&1; } ||
        echo picolibc-xtensa-lx106-elf
    have qemu-system-xtensa || echo qemu-system-misc
}

missing_qemu() {
    have qemu-system-arm || echo qemu-system-arm
}

missing_cmake() {
    have cmake || echo cmake
    have ninja || echo ninja-build
}

missing_rp2_packages() {
    missing_cmake
    any /usr/lib/arm-none-eabi/include/c++/*/new /usr/lib/gcc/arm-none-eabi/*/../../../arm-none-eabi/include/c++/*/new ||
        echo libstdc++-arm-none-eabi-newlib
    # The emulator of this board runs on Node.js.
    if [ "$BOARD" = ARDUINO_NANO_RP2040_CONNECT ]; then
        missing_node
    fi
}

missing_brokers() {
    any /usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server || echo rabbitmq-server
    any /usr/lib/*/ejabberd-*/ebin/ejabberd.app || echo ejabberd
}

missing_node() {
    have node || echo nodejs
    have npm || echo npm
}

# as_root COMMAND...
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif have sudo && sudo -n true 2>/dev/null; then
        sudo -n "$@"
    elif have sudo && [ -t 0 ]; then
        sudo "$@"
    else
        return 1
    fi
}

install_packages() {
    have apt-get || return 1
    any /var/lib/apt/lists/*_Packages* || as_root apt-get -q update || true
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install "$@" ||
        { as_root apt-get -q update &&
          as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install "$@"; }
}

packages=$(missing_packages | tr '\n' ' ')
if [ -n "$packages" ]; then
    mkdir -p build
    echo "  DEPS     installing $packages"
    # shellcheck disable=SC2086  # one word per package
    install_packages $packages >build/deps.log 2>&1 || true
    packages=$(missing_packages | tr '\n' ' ')
    if [ -n "$packages" ]; then
        [ ! -s build/deps.log ] || tail -n 15 build/deps.log >&2
        echo "These packages are missing (Debian's names) and could not be installed from here: $packages" >&2
        echo "Install them, on Debian and Ubuntu with:  sudo apt-get install $packages" >&2
        exit 1
    fi
fi

if ! have cargo; then
    echo "There is no cargo here. Rust comes with rustup: see https://rustup.rs" >&2
    exit 1
fi
rust_ready() { cargo --version && cargo fmt --version && cargo clippy --version; }
if have rustup && ! rust_ready >/dev/null 2>&1; then
    channel=$(sed -n 's/^channel *= *"\(.*\)"/\1/p' rust-toolchain.toml)
    echo "  DEPS     installing Rust $channel"
    mkdir -p build
    if ! rustup toolchain install "$channel" --profile minimal --component rustfmt --component clippy \
            >build/rustup.log 2>&1; then
        tail -n 15 build/rustup.log >&2
        echo "rustup could not install Rust $channel (rust-toolchain.toml)." >&2
        exit 1
    fi
fi

# rust_component NAME FILE: installs a component of Rust, which puts FILE into the toolchain's lib/rustlib.
rust_component() {
    have rustup || return 0
    # shellcheck disable=SC2086  # a pattern
    any "$(rustc --print sysroot)"/lib/rustlib/$2 && return 0
    echo "  DEPS     installing Rust's $1"
    rustup component add "$1" >build/rustup.log 2>&1 || { tail -n 15 build/rustup.log >&2; exit 1; }
}

# The native module for a board is built with a core library of its own: see port/natmod/build.sh. For
# Xtensa, LLVM's tools assemble it.
case $BOARD in
    mpy-x64) ;;
    mpy-*) rust_component rust-src src/rust/library ;;
esac
[ "$BOARD" != mpy-xtensawin ] || rust_component llvm-tools '*/bin/llc'

if [ -d "port/mps2/boards/${BOARD:-none}" ]; then
    # (The rp2 port knows its processor only during its build.)
    # shellcheck disable=SC2046  # several flags
    target=$(port/rust_target.sh arm-none-eabi- $(sed -n 's/^CFLAGS_BOARD *= *//p' "port/mps2/boards/$BOARD/mpconfigboard.mk"))
    port/sources/rust_std.sh "$target"
fi
