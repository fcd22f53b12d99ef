// The unix port's own mphalport.h, with one correction: while it waits, as in time.sleep_ms(), it
// keeps the GIL, and no other thread runs. The ESP32 lets go of it there.

#include "ports/unix/mphalport.h"

#undef MICROPY_INTERNAL_WFE
#define MICROPY_INTERNAL_WFE(TIMEOUT_MS) \
    do { \
        MP_THREAD_GIL_EXIT(); \
        mp_hal_delay_us(500); \
        MP_THREAD_GIL_ENTER(); \
    } while (0)
