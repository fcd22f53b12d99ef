// The unix port's own mphalport.h with one correction. The unix port keeps the GIL while it waits, for
// example in time.sleep_ms(), so that no other thread runs; here it releases the GIL, as the esp32 port
// does.

#include "ports/unix/mphalport.h"

#undef MICROPY_INTERNAL_WFE
#define MICROPY_INTERNAL_WFE(TIMEOUT_MS) \
    do { \
        MP_THREAD_GIL_EXIT(); \
        mp_hal_delay_us(500); \
        MP_THREAD_GIL_ENTER(); \
    } while (0)
