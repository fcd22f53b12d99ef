# MicroPython's board Arduino Nano RP2040 Connect without Bluetooth: MicroPython's tarball does not contain
# the source of the Bluetooth stack.
set(MICROPY_BOARD_DIR ${MICROPY_PORT_DIR}/boards/ARDUINO_NANO_RP2040_CONNECT)
include(${MICROPY_BOARD_DIR}/mpconfigboard.cmake)
unset(MICROPY_PY_BLUETOOTH)
unset(MICROPY_BLUETOOTH_NIMBLE)
