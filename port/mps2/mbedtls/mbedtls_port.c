// The port's part of mbedTLS: entropy and time.

#include "py/mphal.h"
#include "rng.h"
#include "semihosting.h"
#include "shared/timeutils/timeutils.h"
#include "mbedtls/entropy.h"
#include "mbedtls/platform_time.h"
#include "mbedtls/platform_util.h"

int mbedtls_hardware_poll(void *data, unsigned char *output, size_t len, size_t *olen) {
    (void)data;
    if (!rng_fill(output, len)) {
        return MBEDTLS_ERR_ENTROPY_SOURCE_FAILED;
    }
    *olen = len;
    return 0;
}

time_t mps2_time(time_t *timer) {
    time_t now = semihosting_time();
    if (timer != NULL) {
        *timer = now;
    }
    return now;
}

mbedtls_ms_time_t mbedtls_ms_time(void) {
    return mp_hal_time_ns() / 1000000;
}

struct tm *mbedtls_platform_gmtime_r(const mbedtls_time_t *time, struct tm *tm) {
    timeutils_struct_time_t found;
    timeutils_seconds_since_epoch_to_struct_time(*time, &found);
    *tm = (struct tm) {
        .tm_year = found.tm_year - 1900,
        .tm_mon = found.tm_mon - 1,
        .tm_mday = found.tm_mday,
        .tm_hour = found.tm_hour,
        .tm_min = found.tm_min,
        .tm_sec = found.tm_sec,
        .tm_wday = (found.tm_wday + 1) % 7,
        .tm_yday = found.tm_yday - 1,
    };
    return tm;
}
