#include "py/gc.h"
#include "py/mphal.h"
#include "py/mperrno.h"
#include "py/runtime.h"
#include "py/stackctrl.h"
#include "extmod/modnetwork.h"
#include "shared/readline/readline.h"
#include "shared/runtime/gchelper.h"
#include "shared/runtime/pyexec.h"
#include "shared/runtime/softtimer.h"
#include "lwip/init.h"
#include "modmachine.h"

// Room for interrupts, whose frames lie on the same stack, and for C code between two stack checks.
#define STACK_RESERVE (3 * 1024)

extern uint8_t _sstack, _estack;

static uint8_t gc_heap[MICROPY_HEAP_SIZE] __attribute__((aligned(16)));

int main(void) {
    mps2_init();
    machine_init();
    // Runs once: lwIP's list of timeouts survives a soft reset.
    lwip_init();
    mod_network_lwip_init();

    for (;;) {
        mp_stack_set_top(&_estack);
        mp_stack_set_limit(&_estack - &_sstack - STACK_RESERVE);
        gc_init(gc_heap, gc_heap + sizeof(gc_heap));
        mp_init();
        mod_network_init();
        readline_init0();

        int ret = 0;
        while (!ret) {
            ret = pyexec_mode_kind == PYEXEC_MODE_RAW_REPL ? pyexec_raw_repl() : pyexec_friendly_repl();
        }

        mp_printf(&mp_plat_print, "MPY: soft reboot\n");
        mod_network_deinit();
        soft_timer_deinit();
        // The finalisers close sockets, among other things.
        gc_sweep_all();
        mp_deinit();
        machine_deinit();
    }
}

void gc_collect(void) {
    gc_collect_start();
    gc_helper_collect_regs_and_stack();
    soft_timer_gc_mark_all();
    gc_collect_end();
}

void nlr_jump_fail(void *val) {
    if (val != NULL) {
        mp_obj_print_exception(&mp_plat_print, MP_OBJ_FROM_PTR(val));
    }
    mps2_fatal("an exception that nobody catches");
}

#ifndef NDEBUG
void __assert_func(const char *file, int line, const char *func, const char *expr) {
    (void)func;
    mp_printf(&mp_plat_print, "\nAssertion '%s' failed, at file %s:%d", expr, file, line);
    mps2_fatal("assertion failed");
}
#endif
