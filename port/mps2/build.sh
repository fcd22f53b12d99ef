#!/bin/bash
# Builds the firmware of an MPS2 board with the module:
#
#     port/mps2/build.sh MPY_DIR LWIP_DIR BOARD      ->  build/BOARD/firmware.elf
#     port/mps2/build.sh MPY_DIR LWIP_DIR BOARD tls  ->  build/BOARD-tls/firmware.elf, with built-in TLS
#     port/mps2/build.sh MPY_DIR LWIP_DIR BOARD ssl  ->  build/BOARD-ssl/firmware.elf, with MicroPython's own TLS
#     port/mps2/build.sh MPY_DIR LWIP_DIR BOARD bare ->  build/BOARD-bare/firmware.elf, without the module
#     port/mps2/build.sh MPY_DIR LWIP_DIR BOARD bench -> build/BOARD-bench/firmware.elf, with the
#                                                        benchmark's counters and umqtt.simple
#     port/mps2/build.sh MPY_DIR LWIP_DIR BOARD bench-tls -> build/BOARD-bench-tls/firmware.elf, the same
#                                                        with both kinds of TLS
#
# An empty LWIP_DIR selects MicroPython's own lib/lwip.

set -eu
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
. "$ROOT/port/sources/build.sh"
LWIP=${2:+$(cd "$2" && pwd)}
BOARD=$3

SSL='' MANIFEST=''
case ${4:-} in
    '') NAME=$BOARD MODULES=$ROOT TLS='' ;;
    tls) NAME=$BOARD-tls MODULES=$ROOT TLS=p256 ;;
    ssl) NAME=$BOARD-ssl MODULES=$ROOT TLS='' SSL=1 ;;
    # As it is downloaded: the client for asyncio is not there, either.
    bare) NAME=$BOARD-bare MODULES='' TLS='' MANIFEST=$MPY_DIR/extmod/asyncio/manifest.py ;;
    bench | bench-tls)
        NAME=$BOARD-$4 MODULES=$ROOT/build/bench/modules TLS='' MANIFEST=$ROOT/bench/manifest.py
        [ "$4" = bench ] || TLS=p256 SSL=1
        mkdir -p "$MODULES"
        ln -sfn "$ROOT/port" "$MODULES/mqtt"
        ln -sfn "$ROOT/bench/counters" "$MODULES/counters"
        ;;
    *) echo "usage: $0 MPY_DIR LWIP_DIR BOARD [bare | tls | ssl | bench | bench-tls]" >&2; exit 2 ;;
esac

build_firmware "$NAME" "$ROOT/port/mps2" USER_C_MODULES="$MODULES" \
    BOARD="$BOARD" MPY_DIR="$MPY_DIR" LWIP="$LWIP" MQTT_TLS="$TLS" ${SSL:+MICROPY_PY_SSL=1} ${MANIFEST:+FROZEN_MANIFEST="$MANIFEST"}
