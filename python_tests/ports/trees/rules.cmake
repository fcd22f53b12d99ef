# The common part of the two ports.
set(MICROPY_SOURCE_QSTR ${CMAKE_CURRENT_LIST_DIR}/main.c)
set(MICROPY_QSTRDEFS_PORT ${CMAKE_CURRENT_LIST_DIR}/qstrdefsport.h)
target_compile_definitions(${MICROPY_TARGET} PUBLIC MP_CONFIGFILE="${CMAKE_CURRENT_LIST_DIR}/port.h" OF_THE_PORT=1)
target_include_directories(${MICROPY_TARGET} PUBLIC ${MICROPY_DIR} ${CMAKE_BINARY_DIR} ${CMAKE_CURRENT_LIST_DIR}/headers)
target_link_libraries(${MICROPY_TARGET} usermod)
include(${MICROPY_DIR}/py/mkrules.cmake)
# Newer versions of MicroPython make this header in builds with CMake, too.
if(MICROPY_ROM_TEXT_COMPRESSION AND NOT MICROPY_COMPRESSED_DATA)
    set(MICROPY_COMPRESSED_DATA ${MICROPY_GENHDR_DIR}/compressed.data.h)
    add_custom_command(
        OUTPUT ${MICROPY_COMPRESSED_DATA}
        COMMAND ${CMAKE_COMMAND} -E touch ${MICROPY_COMPRESSED_DATA}
        DEPENDS ${MICROPY_QSTRDEFS_LAST}
    )
endif()
add_custom_target(module ALL DEPENDS ${MQTT_OBJ})
