# Read by MicroPython's rp2 port when its project begins (CMAKE_PROJECT_INCLUDE): where TinyUSB is, if
# not in MicroPython's own lib/tinyusb.
if(TINYUSB_DIR)
    set(PICO_TINYUSB_PATH ${TINYUSB_DIR})
endif()
