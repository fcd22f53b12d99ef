# Arduino Nano RP2040 Connect, as MicroPython's own board of that name, without Bluetooth: the source
# of its Bluetooth stack does not come with MicroPython's.
set(MICROPY_BOARD_DIR ${MICROPY_PORT_DIR}/boards/ARDUINO_NANO_RP2040_CONNECT)
include(${MICROPY_BOARD_DIR}/mpconfigboard.cmake)
unset(MICROPY_PY_BLUETOOTH)
unset(MICROPY_BLUETOOTH_NIMBLE)
