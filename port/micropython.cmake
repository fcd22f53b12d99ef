# The `mqtt` user C module for ports that build with CMake:
#   USER_C_MODULES=<this repository>/port/micropython.cmake
#
# C glue is compiled by the port; the Rust library is made by cargo and prelinked into one
# relocatable object.

set(MQTT_PORT_DIR ${CMAKE_CURRENT_LIST_DIR})
get_filename_component(MQTT_ROOT_DIR ${MQTT_PORT_DIR} DIRECTORY)

file(STRINGS ${MQTT_ROOT_DIR}/Cargo.toml MQTT_VERSION REGEX "^version = ")
string(REGEX REPLACE "^version = \"(.*)\"$" "\\1" MQTT_VERSION "${MQTT_VERSION}")

# The Rust target of a port's processor. Another one is given with -DMQTT_RUST_TARGET=...
if(NOT MQTT_RUST_TARGET)
    if(PICO_PLATFORM STREQUAL "rp2350-riscv")
        set(MQTT_RUST_TARGET riscv32imac-unknown-none-elf)
    elseif(PICO_PLATFORM MATCHES "^rp2350")
        set(MQTT_RUST_TARGET thumbv8m.main-none-eabi)
    elseif(PICO_PLATFORM OR PICO_BOARD)
        message(FATAL_ERROR "mqtt: RP2040 is not supported yet: its processor has no "
            "compare-and-swap, which the module's locks need")
    else()
        message(FATAL_ERROR "mqtt: the Rust target of this port is not known: "
            "give it with -DMQTT_RUST_TARGET=<triple> (rustc --print target-list)")
    endif()
endif()
if(NOT MQTT_RUST_PROFILE)
    set(MQTT_RUST_PROFILE release)
endif()

set(MQTT_BUILD ${CMAKE_BINARY_DIR}/mqtt)
set(MQTT_LIB ${MQTT_BUILD}/target/${MQTT_RUST_TARGET}/${MQTT_RUST_PROFILE}/libmqtt.a)
set(MQTT_OBJ ${MQTT_BUILD}/mqtt.o)

# The port's own include paths and definitions, for bindgen, and those of its C library.
execute_process(COMMAND ${CMAKE_C_COMPILER} -E -Wp,-v -xc /dev/null
    OUTPUT_QUIET ERROR_VARIABLE MQTT_SYSTEM_DIRS)
string(REGEX MATCHALL "\n (/[^\n]*)" MQTT_SYSTEM_DIRS "${MQTT_SYSTEM_DIRS}")
list(TRANSFORM MQTT_SYSTEM_DIRS REPLACE "\n " "-isystem ")
list(JOIN MQTT_SYSTEM_DIRS " " MQTT_SYSTEM_DIRS)
set(MQTT_TARGET_DEFS "$<TARGET_PROPERTY:${MICROPY_TARGET},COMPILE_DEFINITIONS>")
set(MQTT_TARGET_DIRS "$<TARGET_PROPERTY:${MICROPY_TARGET},INCLUDE_DIRECTORIES>")
file(GENERATE OUTPUT ${MQTT_BUILD}/cflags CONTENT
    "-D$<JOIN:${MQTT_TARGET_DEFS}, -D> -I$<JOIN:${MQTT_TARGET_DIRS}, -I> ${MQTT_SYSTEM_DIRS}\n")

# The functions that the C glue calls: what they need is taken from the library.
file(STRINGS ${MQTT_PORT_DIR}/modmqtt.h MQTT_ENTRIES REGEX "mqtt_(client|create|run)_[a-z_]*\\(.*;")
list(TRANSFORM MQTT_ENTRIES REPLACE "^.* (mqtt_[a-z_]*)\\(.*$" "-u;\\1")

add_custom_command(
    OUTPUT ${MQTT_OBJ}
    COMMAND ${CMAKE_COMMAND} -E env
        MQTT_MPY_CFLAGS=${MQTT_BUILD}/cflags
        MQTT_MPY_PORT_DIR=${CMAKE_CURRENT_SOURCE_DIR}
        MQTT_MPY_GENHDR=${CMAKE_BINARY_DIR}/genhdr
        CARGO_TARGET_DIR=${MQTT_BUILD}/target
        cargo rustc --quiet --locked --lib --crate-type staticlib --features micropython
        --profile ${MQTT_RUST_PROFILE} --target ${MQTT_RUST_TARGET} ${MQTT_CARGO_FLAGS}
    COMMAND ${CMAKE_LINKER} -r -o ${MQTT_OBJ} ${MQTT_ENTRIES} ${MQTT_LIB}
    DEPENDS
        ${CMAKE_BINARY_DIR}/genhdr/qstrdefs.generated.h
        ${CMAKE_BINARY_DIR}/genhdr/moduledefs.h
        ${CMAKE_BINARY_DIR}/genhdr/root_pointers.h
        ${MQTT_BUILD}/cflags
        ${MQTT_ROOT_DIR}/Cargo.lock
    WORKING_DIRECTORY ${MQTT_ROOT_DIR}
    COMMAND_EXPAND_LISTS
    VERBATIM
    COMMENT "CARGO mqtt"
)

add_library(usermod_mqtt INTERFACE)
target_sources(usermod_mqtt INTERFACE
    ${MQTT_PORT_DIR}/modmqtt.c
    ${MQTT_PORT_DIR}/mqtt_sched.c
    ${MQTT_PORT_DIR}/mqtt_vm.c
    ${MQTT_PORT_DIR}/mqtt_wait.c
)
target_include_directories(usermod_mqtt INTERFACE ${MQTT_PORT_DIR})
target_compile_definitions(usermod_mqtt INTERFACE MQTT_VERSION="${MQTT_VERSION}")
target_link_libraries(usermod_mqtt INTERFACE ${MQTT_OBJ})
target_link_libraries(usermod INTERFACE usermod_mqtt)

# The object is linked, but is no source: MicroPython collects names from all sources, and
# this one is made from the names. So only the link may wait for it.
add_custom_target(mqtt_rust DEPENDS ${MQTT_OBJ})
cmake_language(EVAL CODE "
    cmake_language(DEFER CALL set_property TARGET ${MICROPY_TARGET} APPEND PROPERTY LINK_DEPENDS ${MQTT_OBJ})
")
