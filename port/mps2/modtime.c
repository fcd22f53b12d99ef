// Included by extmod/modtime.c.

#include "shared/timeutils/timeutils.h"

// In UTC, like the host's clock.
static uint32_t seconds_since_1970(void) {
    return mp_hal_time_ns() / 1000000000;
}

#if MICROPY_VERSION < MICROPY_MAKE_VERSION(1, 27, 0)

static mp_obj_t mp_time_localtime_get(void) {
    timeutils_struct_time_t tm;
    timeutils_seconds_since_epoch_to_struct_time(seconds_since_1970(), &tm);
    mp_obj_t tuple[] = {
        mp_obj_new_int(tm.tm_year), mp_obj_new_int(tm.tm_mon), mp_obj_new_int(tm.tm_mday),
        mp_obj_new_int(tm.tm_hour), mp_obj_new_int(tm.tm_min), mp_obj_new_int(tm.tm_sec),
        mp_obj_new_int(tm.tm_wday), mp_obj_new_int(tm.tm_yday),
    };
    return mp_obj_new_tuple(MP_ARRAY_SIZE(tuple), tuple);
}

#else

static void mp_time_localtime_get(timeutils_struct_time_t *tm) {
    timeutils_seconds_since_epoch_to_struct_time(seconds_since_1970(), tm);
}

#endif

static mp_obj_t mp_time_time_get(void) {
    return mp_obj_new_int_from_uint(seconds_since_1970());
}
