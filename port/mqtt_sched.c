// The read loop of ports without threads: MicroPython's scheduler calls a function in the main
// context. See mqtt_vm.h.

#include "modmqtt.h"
#include "py/mphal.h"
#include "py/mpstate.h"
#include "py/runtime.h"

// The first client whose loop runs; each client refers to the next one.
MP_REGISTER_ROOT_POINTER(mp_obj_t mqtt_loops);

mp_obj_t mqtt_vm_get_root(void) {
    return MP_STATE_VM(mqtt_loops);
}

void mqtt_vm_set_root(mp_obj_t obj) {
    MP_STATE_VM(mqtt_loops) = obj;
}

void mqtt_vm_raise_in_main(mp_obj_t exception) {
    mp_sched_exception(exception);
}

#if !MQTT_HAS_THREADS

#if !MICROPY_SCHEDULER_STATIC_NODES && !defined(NO_QSTR)
#error "mqtt: this port has neither threads with a GIL nor MICROPY_SCHEDULER_STATIC_NODES: see docs/porting.md"
#endif

#include "shared/runtime/softtimer.h"

// The pause between two reads of the loops while a callback of the application waits, in ms.
#define SERVE_PERIOD (10)

// Both are static, because an interrupt may use them at any time, and because MicroPython keeps a
// posted node over a soft reset. After a soft reset the list of clients is empty: their finalisers
// have removed them.
static mp_sched_node_t node;
static soft_timer_entry_t timer;
// Whether the node's function is running.
static volatile bool running;
// Whether only the timer may wake the node, so that the main program gets its turn.
static volatile bool resting;
// Whether the timer has expired while the node's function was running.
static volatile bool expired;

static void run(mp_sched_node_t *self) {
    (void)self;
    // No function called here raises, so the scheduler does not stay locked.
    running = true;
    mqtt_run_scheduled();
    running = false;
    if (expired) {
        mqtt_vm_post_after(1);
    }
}

static void timer_expired(soft_timer_entry_t *self) {
    (void)self;
    expired = running;
    resting = false;
    mqtt_vm_wake(NULL);
}

// The timer may expire before this returns.
static void set_timer(uint32_t ms, bool rest) {
    if (timer.c_callback == NULL) {
        soft_timer_static_init(&timer, SOFT_TIMER_MODE_ONE_SHOT, 0, timer_expired);
    }
    resting = rest;
    expired = false;
    soft_timer_reinsert(&timer, ms);
}

uintptr_t mqtt_vm_thread_id(void) {
    return running ? MQTT_VM_LOOP_CONTEXT : MQTT_VM_MAIN_CONTEXT;
}

void mqtt_vm_wake(const uint32_t *word) {
    (void)word;
    // A node that is posted while its function runs would run again at once, before the main program
    // continues. So the function sets the timer instead, when it ends.
    if (!running && !resting && MP_STATE_VM(mqtt_loops) != MP_OBJ_NULL) {
        mp_sched_schedule_node(&node, run);
    }
}

void mqtt_vm_post_after(uint32_t ms) {
    set_timer(ms, false);
}

void mqtt_vm_rest_for(uint32_t ms) {
    set_timer(ms, true);
}

void mqtt_vm_serve_loops(void) {
    static bool serving;
    static mp_uint_t served_at;
    // In the main context the scheduler serves the loops.
    if (running && !serving && mp_hal_ticks_ms() - served_at >= SERVE_PERIOD) {
        serving = true;
        mqtt_run_while_waiting();
        serving = false;
        served_at = mp_hal_ticks_ms();
    }
}

#else

void mqtt_vm_post_after(uint32_t ms) {
    (void)ms;
}

void mqtt_vm_rest_for(uint32_t ms) {
    (void)ms;
}

void mqtt_vm_serve_loops(void) {
}

#endif

static mp_obj_t wake(mp_obj_t socket) {
    (void)socket;
    mqtt_vm_wake(NULL);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(wake_obj, wake);

mp_obj_t mqtt_vm_wake_function(void) {
    return MP_OBJ_FROM_PTR(&wake_obj);
}
