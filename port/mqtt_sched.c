// The read loop of ports without threads: MicroPython's scheduler calls a function in the main
// context. See mqtt_vm.h.

#include "modmqtt.h"
#include "mqtt_vm_private.h"

#if MICROPY_ENABLE_DYNRUNTIME

#define LOOPS (STATE->loops)
#define SCHED (STATE->sched)

#else

#include "py/mphal.h"
#include "py/mpstate.h"

// The first client whose loop runs; each client refers to the next one.
MP_REGISTER_ROOT_POINTER(mp_obj_t mqtt_loops);
#define LOOPS MP_STATE_VM(mqtt_loops)

void mqtt_vm_raise_in_main(mp_obj_t exception) {
    mp_sched_exception(exception);
}

#endif

mp_obj_t mqtt_vm_get_root(void) {
    return LOOPS;
}

void mqtt_vm_set_root(mp_obj_t obj) {
    LOOPS = obj;
}

#if MQTT_HAS_THREADS != MQTT_YES

// The pause between two reads of the loops while a callback of the application waits, in ms.
#define SERVE_PERIOD (10)

#if MICROPY_ENABLE_DYNRUNTIME

static void post(void);
static void start_timer(uint32_t ms);

#else

#if !MICROPY_SCHEDULER_STATIC_NODES && !defined(NO_QSTR)
#error "mqtt: this port has neither threads with a GIL nor MICROPY_SCHEDULER_STATIC_NODES: see docs/porting.md"
#endif

#include "shared/runtime/softtimer.h"

static volatile mqtt_sched_t sched;
#define SCHED sched

// Both are static, because an interrupt may use them at any time, and because MicroPython keeps a
// posted node over a soft reset. After a soft reset the list of clients is empty: their finalisers
// have removed them.
static mp_sched_node_t node;
static soft_timer_entry_t timer;

#endif

static void run(void) {
    // No function called here raises, so the scheduler does not stay locked.
    SCHED.running = true;
    mqtt_run_scheduled();
    SCHED.running = false;
    if (SCHED.expired) {
        mqtt_vm_post_after(1);
    }
}

static void timer_expired(void) {
    SCHED.expired = SCHED.running;
    SCHED.resting = false;
    mqtt_vm_wake(NULL);
}

#if MICROPY_ENABLE_DYNRUNTIME

static mp_obj_t run_function(mp_obj_t unused) {
    (void)unused;
    run();
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(run_function_obj, run_function);

// Some ports call it as an interrupt, others through the scheduler.
static mp_obj_t timer_function(mp_obj_t timer) {
    (void)timer;
    timer_expired();
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(timer_function_obj, timer_function);

// How long after a full queue of the scheduler the next attempt takes place, in ms.
#define RETRY_AFTER (5)

static void post(void) {
    mp_obj_t exc;
    mp_obj_t args[2] = { MP_OBJ_FROM_PTR(&run_function_obj), mp_const_none };
    CATCH(&exc, mp_call_function_n_kw(STATE->schedule, 2, 0, args));
    if (exc != MP_OBJ_NULL && STATE->timer_init != MP_OBJ_NULL) {
        start_timer(RETRY_AFTER);
    }
}

static void start_timer(uint32_t ms) {
    // Without a timer the loops run whenever the scheduler does: at every turn of the program.
    if (STATE->timer_init == MP_OBJ_NULL) {
        timer_expired();
        return;
    }
    mp_obj_t exc;
    mp_obj_t args[] = {
        MP_OBJ_NEW_QSTR(MP_QSTR_mode), STATE->one_shot,
        MP_OBJ_NEW_QSTR(MP_QSTR_period), MP_OBJ_NEW_SMALL_INT(ms),
        MP_OBJ_NEW_QSTR(MP_QSTR_callback), MP_OBJ_FROM_PTR(&timer_function_obj),
    };
    CATCH(&exc, mp_call_function_n_kw(STATE->timer_init, 0, 3, args));
}

#else

static void run_node(mp_sched_node_t *self) {
    (void)self;
    run();
}

static void post(void) {
    mp_sched_schedule_node(&node, run_node);
}

static void expire_timer(soft_timer_entry_t *self) {
    (void)self;
    timer_expired();
}

static void start_timer(uint32_t ms) {
    if (timer.c_callback == NULL) {
        soft_timer_static_init(&timer, SOFT_TIMER_MODE_ONE_SHOT, 0, expire_timer);
    }
    soft_timer_reinsert(&timer, ms);
}

#endif

// The timer may expire before this returns.
static void set_timer(uint32_t ms, bool rest) {
    SCHED.resting = rest;
    SCHED.expired = false;
    start_timer(ms);
}

uintptr_t mqtt_vm_thread_id(void) {
    #if MQTT_HAS_THREADS == MQTT_ASK
    if (mqtt_vm_port_has(MQTT_FEATURE_THREADS)) {
        return natmod_thread_id();
    }
    #endif
    return SCHED.running ? MQTT_VM_LOOP_CONTEXT : MQTT_VM_MAIN_CONTEXT;
}

void mqtt_vm_wake(const uint32_t *word) {
    (void)word;
    // A node that is posted while its function runs would run again at once, before the main program
    // continues. So the function sets the timer instead, when it ends.
    // (With threads nothing is ever listed.)
    if (!SCHED.running && !SCHED.resting && LOOPS != MP_OBJ_NULL) {
        post();
    }
}

void mqtt_vm_post_after(uint32_t ms) {
    set_timer(ms, false);
}

void mqtt_vm_rest_for(uint32_t ms) {
    set_timer(ms, true);
}

void mqtt_vm_serve_loops(void) {
    // In the main context the scheduler serves the loops.
    if (SCHED.running && !SCHED.serving && mqtt_vm_ticks_ms() - SCHED.served_at >= SERVE_PERIOD) {
        SCHED.serving = true;
        mqtt_run_while_waiting();
        SCHED.serving = false;
        SCHED.served_at = mqtt_vm_ticks_ms();
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
