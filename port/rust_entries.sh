#!/bin/sh
# Prints the names of the Rust functions that C calls, one on each line:
#
#     port/rust_entries.sh [FEATURES OF CARGO]

set -eu
port=$(cd "$(dirname "$0")" && pwd)

sed -n -e 's/^\(CONSTRUCTOR\|METHOD\|PLAIN_METHOD\|ATTRIBUTE\)(\([a-z_]*\))$/mqtt_client_\2/p' \
    -e 's/^FUNCTION(\([a-z_]*\))$/mqtt_\1/p' "$port/mqtt_methods.h"
sed -n -e 's/^\(void\|unsigned\) \(mqtt_[a-z_]*\)(.*;$/\2/p' -e 's/^mp_obj_t \(mqtt_[a-z_]*_call\)(.*;$/\1/p' "$port/modmqtt.h"
case " ${1:-} " in *[\ ,]outbox[\ ,]*)
    echo mqtt_delivery_awaited
    sed -n 's/^DELIVERY_\(PLAIN_\)\?METHOD(\([a-z_]*\))$/mqtt_delivery_\2/p' "$port/mqtt_methods.h" ;;
esac
