// lwIP's clock and its timeouts. lwIP's code runs either in PendSV or between MICROPY_PY_LWIP_ENTER and
// _EXIT, which block PendSV.

#include "py/mphal.h"
#include "py/runtime.h"
#include "extmod/modnetwork.h"
#include "shared/runtime/softtimer.h"
#include "network_lan.h"

#include "lwip/timeouts.h"

// lwIP's own timers are multiples of 250 ms; a shorter period matters only for a retransmission.
#define POLL_PERIOD_MS (32)
// The number of polls between two checks of the link.
#define POLLS_PER_LINK_CHECK (16)

static soft_timer_entry_t poll_timer;

u32_t sys_now(void) {
    return mp_hal_ticks_ms();
}

static void poll(soft_timer_entry_t *self) {
    (void)self;
    static uint8_t polls;
    if (++polls == POLLS_PER_LINK_CHECK) {
        polls = 0;
        network_lan_check_link();
    }
    sys_check_timeouts();
}

void mod_network_lwip_init(void) {
    soft_timer_static_init(&poll_timer, SOFT_TIMER_MODE_PERIODIC, POLL_PERIOD_MS, poll);
    soft_timer_insert(&poll_timer, POLL_PERIOD_MS);
}
