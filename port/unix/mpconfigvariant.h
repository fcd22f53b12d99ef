// MicroPython's "standard" unix interpreter with the GIL on: the threading model of the ESP32.

#define MICROPY_CONFIG_ROM_LEVEL (MICROPY_CONFIG_ROM_LEVEL_EXTRA_FEATURES)

#include "ports/unix/variants/mpconfigvariant_common.h"

// Ctrl-C raises at the next bytecode, not inside the signal handler, which must not take a lock.
#undef MICROPY_ASYNC_KBD_INTR
#define MICROPY_ASYNC_KBD_INTR (0)

#define MICROPY_MPHALPORT_H "mphalport_gil.h"
