# Tells MicroPython's rp2 port where TinyUSB is, if it is not in MicroPython's own lib/tinyusb. The port
# reads this file when its project begins (CMAKE_PROJECT_INCLUDE).
if(TINYUSB_DIR)
    set(PICO_TINYUSB_PATH ${TINYUSB_DIR})
endif()
