# The `mqtt` user C module for ports that build with CMake:
#   USER_C_MODULES=<this repository>/micropython.cmake
#
# The port compiles the C files. Cargo makes the Rust library, and the linker prelinks it into one
# relocatable object.

set(MQTT_PORT_DIR ${CMAKE_CURRENT_LIST_DIR})
get_filename_component(MQTT_ROOT_DIR ${MQTT_PORT_DIR} DIRECTORY)

file(STRINGS ${MQTT_ROOT_DIR}/Cargo.toml MQTT_VERSION REGEX "^version = ")
string(REGEX REPLACE "^version = \"(.*)\"$" "\\1" MQTT_VERSION "${MQTT_VERSION}")

set(MQTT_BUILD ${CMAKE_BINARY_DIR}/mqtt)
set(MQTT_OBJ ${MQTT_BUILD}/mqtt.o)

# The compiler's flags name the processor. -DMQTT_RUST_TARGET=... gives another triple.
separate_arguments(MQTT_C_FLAGS UNIX_COMMAND "${CMAKE_C_FLAGS}")
if(NOT MQTT_RUST_TARGET)
    execute_process(COMMAND ${MQTT_PORT_DIR}/rust_target.sh ${CMAKE_C_COMPILER} ${MQTT_C_FLAGS}
        OUTPUT_VARIABLE MQTT_RUST_TARGET ERROR_VARIABLE MQTT_WHY RESULT_VARIABLE MQTT_FAILED
        OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_STRIP_TRAILING_WHITESPACE)
    if(MQTT_FAILED)
        message(FATAL_ERROR "${MQTT_WHY}")
    endif()
endif()
if(NOT MQTT_RUST_PROFILE)
    set(MQTT_RUST_PROFILE release)
endif()
set(MQTT_FEATURES micropython)
# The options: docs/porting.md. Each is in the build unless it is 0. MQTT_OUTBOX is a number of bytes (src/limits.rs), which
# comes from the environment. The steps of asyncio need it.
set(MQTT_DEFINITIONS)
foreach(MQTT_OPTION OUTBOX INTO STORE AIO V5 PORT_TLS BY_HAND AUTO_RECONNECT)
    set(MQTT_VALUE "${MQTT_${MQTT_OPTION}}")
    if(MQTT_OPTION STREQUAL "OUTBOX" OR (MQTT_OPTION STREQUAL "AIO" AND "$ENV{MQTT_OUTBOX}" STREQUAL "0"))
        set(MQTT_VALUE "$ENV{MQTT_OUTBOX}")
    endif()
    if("${MQTT_VALUE}" STREQUAL "0")
        list(APPEND MQTT_DEFINITIONS MQTT_HAS_${MQTT_OPTION}=0)
    else()
        list(APPEND MQTT_DEFINITIONS MQTT_HAS_${MQTT_OPTION}=1)
        string(TOLOWER ${MQTT_OPTION} MQTT_FEATURE)
        string(REPLACE "_" "-" MQTT_FEATURE ${MQTT_FEATURE})
        string(APPEND MQTT_FEATURES " ${MQTT_FEATURE}")
    endif()
endforeach()
# The texts of errors: 0 leaves them out.
if("${MQTT_TEXTS}" STREQUAL "0")
    string(APPEND MQTT_FEATURES " terse")
endif()
# The built-in TLS: empty for none, or a list of the keys that certificates may have: "p256 rsa p384".
# P-256 is always included, and Ed25519 too unless the list has "no-ed25519".
if(" ${MQTT_TLS} " MATCHES "[ ;]no-ed25519[ ;]")
    string(APPEND MQTT_FEATURES " tls")
elseif(MQTT_TLS)
    string(APPEND MQTT_FEATURES " tls-ed25519")
endif()
foreach(MQTT_KEY rsa p384)
    if(" ${MQTT_TLS} " MATCHES "[ ;]${MQTT_KEY}[ ;]")
        string(APPEND MQTT_FEATURES " tls-${MQTT_KEY}")
    endif()
endforeach()
# A build script reads this file to install the target.
file(WRITE ${MQTT_BUILD}/rust_target "${MQTT_RUST_TARGET}\n")

# The include paths and definitions of the port and of its C library, for bindgen.
list(FILTER MQTT_C_FLAGS INCLUDE REGEX "^--specs=")
execute_process(COMMAND ${CMAKE_C_COMPILER} ${MQTT_C_FLAGS} -E -Wp,-v -xc /dev/null
    OUTPUT_QUIET ERROR_VARIABLE MQTT_SYSTEM_DIRS)
string(REGEX MATCHALL "\n (/[^\n]*)" MQTT_SYSTEM_DIRS "${MQTT_SYSTEM_DIRS}")
list(TRANSFORM MQTT_SYSTEM_DIRS REPLACE "\n " "-isystem ")
list(JOIN MQTT_SYSTEM_DIRS " " MQTT_SYSTEM_DIRS)
file(GENERATE OUTPUT ${MQTT_BUILD}/cargo.env CONTENT
"export MQTT_FEATURES='${MQTT_FEATURES}'
export MQTT_MPY_CFLAGS='${MQTT_BUILD}/cflags'
export MQTT_MPY_PORT_DIR='${CMAKE_CURRENT_SOURCE_DIR}'
export MQTT_MPY_GENHDR='${CMAKE_BINARY_DIR}/genhdr'
")

file(GLOB_RECURSE MQTT_RUST_SOURCES CONFIGURE_DEPENDS ${MQTT_ROOT_DIR}/src/*.rs ${MQTT_ROOT_DIR}/crates/*.rs)
add_custom_command(
    OUTPUT ${MQTT_OBJ}
    COMMAND ${CMAKE_COMMAND} -E env MQTT_BUILD_STD=${MQTT_BUILD_STD} ${MQTT_PORT_DIR}/rust_object.sh ${MQTT_BUILD} ${MQTT_OBJ}
        ${MQTT_RUST_TARGET} ${MQTT_RUST_PROFILE} ${CMAKE_AR} ${CMAKE_LINKER} ${MQTT_CARGO_FLAGS}
    COMMAND ${CMAKE_COMMAND} -E touch ${MQTT_OBJ}
    DEPENDS
        ${CMAKE_BINARY_DIR}/genhdr/qstrdefs.generated.h
        ${CMAKE_BINARY_DIR}/genhdr/moduledefs.h
        ${CMAKE_BINARY_DIR}/genhdr/root_pointers.h
        ${MQTT_BUILD}/cflags
        ${MQTT_BUILD}/cargo.env
        ${MQTT_PORT_DIR}/modmqtt.h
        ${MQTT_PORT_DIR}/mqtt_methods.h
        ${MQTT_PORT_DIR}/mqtt_names.h
        ${MQTT_PORT_DIR}/mqtt_vm.h
        ${MQTT_ROOT_DIR}/build.rs
        ${MQTT_ROOT_DIR}/Cargo.lock
        ${MQTT_ROOT_DIR}/Cargo.toml
        ${MQTT_RUST_SOURCES}
    VERBATIM
    COMMENT "CARGO mqtt"
)

add_library(usermod_mqtt INTERFACE)
# The lists and tables are among the sources because MicroPython scans them again when one of them changes.
target_sources(usermod_mqtt INTERFACE
    ${MQTT_PORT_DIR}/modmqtt.c
    ${MQTT_PORT_DIR}/firmware/module.h
    ${MQTT_PORT_DIR}/firmware/parameters.h
    ${MQTT_PORT_DIR}/mqtt_methods.h
    ${MQTT_PORT_DIR}/mqtt_names.h
    ${MQTT_PORT_DIR}/mqtt_numbers.h
    ${MQTT_PORT_DIR}/mqtt_borrowed_socket.c
    ${MQTT_PORT_DIR}/mqtt_firmware.c
    ${MQTT_PORT_DIR}/mqtt_large.c
    ${MQTT_PORT_DIR}/mqtt_sched.c
    ${MQTT_PORT_DIR}/mqtt_thread.c
    ${MQTT_PORT_DIR}/mqtt_vm.c
    ${MQTT_PORT_DIR}/mqtt_vm_dict.c
    ${MQTT_PORT_DIR}/mqtt_wait.c
    ${MQTT_PORT_DIR}/mqtt_wait_unix.c
)
target_include_directories(usermod_mqtt INTERFACE ${MQTT_PORT_DIR})
target_compile_definitions(usermod_mqtt INTERFACE MQTT_VERSION="${MQTT_VERSION}" ${MQTT_DEFINITIONS})
# MicroPython looks for names in the sources without the definitions of user modules.
list(APPEND MICROPY_CPP_DEF_EXTRA ${MQTT_DEFINITIONS})
target_link_libraries(usermod INTERFACE usermod_mqtt)

set_source_files_properties(${MQTT_OBJ} PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)

# The part that needs the firmware's target and headers, which the port may name after it has read this file.
# The object joins the target's sources last: MicroPython collects names from the sources that it sees, and the object
# needs these names.
macro(mqtt_join_the_target)
    set(MQTT_TARGET_DEFS "$<TARGET_PROPERTY:${MICROPY_TARGET},COMPILE_DEFINITIONS>")
    set(MQTT_TARGET_DIRS "$<TARGET_PROPERTY:${MICROPY_TARGET},INCLUDE_DIRECTORIES>")
    file(GENERATE OUTPUT ${MQTT_BUILD}/cflags CONTENT
        "-D$<JOIN:${MQTT_TARGET_DEFS}, -D> -I$<JOIN:${MQTT_TARGET_DIRS}, -I> ${MQTT_SYSTEM_DIRS}\n")
    # Newer versions of MicroPython have this header, where the port compresses texts.
    if(MICROPY_ROM_TEXT_COMPRESSION AND MICROPY_COMPRESSED_DATA)
        add_custom_command(OUTPUT ${MQTT_OBJ} APPEND DEPENDS ${MICROPY_COMPRESSED_DATA})
    endif()
    target_sources(${MICROPY_TARGET} PRIVATE ${MQTT_OBJ})
endmacro()
cmake_language(DEFER CALL mqtt_join_the_target)
