// MicroPython's configuration for the native module. The firmware has one of its own, which the module
// does not see: it relies on the format of .mpy files 6.3 alone.
#ifndef MQTT_NATMOD_CONFIG_H
#define MQTT_NATMOD_CONFIG_H

#include <stdint.h>

// Made by names.py.
#include <natmod_names.h>

typedef intptr_t mp_int_t;
typedef uintptr_t mp_uint_t;
typedef intptr_t mp_off_t;

// Inside, the module uses the numbers of py/mperrno.h.
#define MICROPY_USE_INTERNAL_ERRNO (1)

// As in mqtt_vm.h.
#define MQTT_NO (0)
#define MQTT_YES (1)
#define MQTT_ASK (2)

#if defined(__x86_64__)

// Linux, with MicroPython's "standard" variant: threads without a GIL, and Ctrl-C out of a signal handler.
#define MQTT_HAS_THREADS MQTT_YES
#define MQTT_PYTHON_HAS_THREADS (1)
#define MICROPY_ASYNC_KBD_INTR (1)

#else

// The kinds of processor whose boards differ in their abilities: on an ESP32-C3 and on an RP2350 the same
// file runs. An ESP32 has threads under a GIL. rp2 has threads on its second processor, where this module
// must not be used.
#if defined(__ARM_EABI__)
#define MQTT_HAS_THREADS MQTT_NO
#define MQTT_SOCKETS_CALL MQTT_ASK
#define MQTT_CONNECT_ONCE MQTT_ASK
#elif defined(__xtensa__)
#define MQTT_HAS_THREADS MQTT_YES
#else
#define MQTT_HAS_THREADS MQTT_ASK
#define MQTT_SOCKETS_CALL MQTT_ASK
#define MQTT_CONNECT_ONCE MQTT_ASK
#endif
// An ESP32 has newlib's numbers, and so has a Nano RP2040 Connect, unlike other boards with its processor.
#define MQTT_ERRNO_VARIES (1)
// Nothing uses the module's memory at the same time: threads take turns under a GIL.
#define MQTT_PYTHON_HAS_THREADS (0)

#endif

#endif // MQTT_NATMOD_CONFIG_H
