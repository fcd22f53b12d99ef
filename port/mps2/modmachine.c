// Included by extmod/modmachine.c.

#include "modmachine.h"
#include "lan9118.h"

enum {
    PWRON_RESET = 1,
    HARD_RESET,
    SOFT_RESET,
};

#define MICROPY_PY_MACHINE_EXTRA_GLOBALS \
    { MP_ROM_QSTR(MP_QSTR_Timer), MP_ROM_PTR(&machine_timer_type) }, \
    { MP_ROM_QSTR(MP_QSTR_PWRON_RESET), MP_ROM_INT(PWRON_RESET) }, \
    { MP_ROM_QSTR(MP_QSTR_HARD_RESET), MP_ROM_INT(HARD_RESET) }, \
    { MP_ROM_QSTR(MP_QSTR_SOFT_RESET), MP_ROM_INT(SOFT_RESET) },

// QEMU clears the memory when it starts, but not when the board resets itself.
#define RESET_MARK (0x52455345)
static uint32_t reset_mark __attribute__((section(".noinit")));
static uint8_t reset_cause;

void machine_init(void) {
    reset_cause = reset_mark == RESET_MARK ? HARD_RESET : PWRON_RESET;
    reset_mark = RESET_MARK;
}

void machine_deinit(void) {
    reset_cause = SOFT_RESET;
}

static mp_int_t mp_machine_reset_cause(void) {
    return reset_cause;
}

// QEMU restarts the board; with -no-reboot it ends with exit status 0.
MP_NORETURN static void mp_machine_reset(void) {
    NVIC_SystemReset();
}

static mp_obj_t mp_machine_unique_id(void) {
    uint8_t mac[LAN9118_MAC_LEN];
    lan9118_get_mac(mac);
    return mp_obj_new_bytes(mac, sizeof(mac));
}

static mp_obj_t mp_machine_get_freq(void) {
    return MP_OBJ_NEW_SMALL_INT(MPS2_SYSCLK_HZ);
}

static void mp_machine_set_freq(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    (void)args;
    mp_raise_NotImplementedError(MP_ERROR_TEXT("the frequency is fixed"));
}

static void mp_machine_idle(void) {
    mp_event_wait_ms(1);
}

// The board has no deeper sleep than the one of every wait.
static void mp_machine_lightsleep(size_t n_args, const mp_obj_t *args) {
    if (n_args == 0) {
        mp_event_wait_indefinite();
    } else {
        mp_hal_delay_ms(mp_obj_get_int(args[0]));
    }
}

MP_NORETURN static void mp_machine_deepsleep(size_t n_args, const mp_obj_t *args) {
    if (n_args == 0) {
        for (;;) {
            mp_event_wait_indefinite();
        }
    }
    mp_hal_delay_ms(mp_obj_get_int(args[0]));
    mp_machine_reset();
}
