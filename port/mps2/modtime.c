// Included by extmod/modtime.c.

#include "semihosting.h"
#include "shared/timeutils/timeutils.h"

// The host's clock, in UTC.
#if MICROPY_VERSION < MICROPY_MAKE_VERSION(1, 27, 0)

static mp_obj_t mp_time_localtime_get(void) {
    timeutils_struct_time_t tm;
    timeutils_seconds_since_epoch_to_struct_time(semihosting_time(), &tm);
    mp_obj_t tuple[] = {
        mp_obj_new_int(tm.tm_year), mp_obj_new_int(tm.tm_mon), mp_obj_new_int(tm.tm_mday),
        mp_obj_new_int(tm.tm_hour), mp_obj_new_int(tm.tm_min), mp_obj_new_int(tm.tm_sec),
        mp_obj_new_int(tm.tm_wday), mp_obj_new_int(tm.tm_yday),
    };
    return mp_obj_new_tuple(MP_ARRAY_SIZE(tuple), tuple);
}

#else

static void mp_time_localtime_get(timeutils_struct_time_t *tm) {
    timeutils_seconds_since_epoch_to_struct_time(semihosting_time(), tm);
}

#endif

static mp_obj_t mp_time_time_get(void) {
    return mp_obj_new_int_from_uint(semihosting_time());
}
