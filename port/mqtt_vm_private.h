// What the C files have in common, beside mqtt_vm.h, that Rust does not see.
#ifndef MQTT_VM_PRIVATE_H
#define MQTT_VM_PRIVATE_H

#include "mqtt_vm.h"
#include "py/runtime.h"

// Signals are delivered to whichever thread they like, so nobody waits longer than this without a
// look at what is pending, in ms.
#define LONGEST_SLEEP (100)

// Runs the statements under nlr_push. They may not leave it with return or break.
#define CATCH(exc, ...) \
    do { \
        nlr_buf_t nlr; \
        if (nlr_push(&nlr) == 0) { \
            __VA_ARGS__; \
            nlr_pop(); \
            *(exc) = MP_OBJ_NULL; \
        } else { \
            *(exc) = MP_OBJ_FROM_PTR(nlr.ret_val); \
        } \
    } while (0)

#if MICROPY_ASYNC_KBD_INTR

bool mqtt_vm_is_main_thread(void);
// Whether there is an interrupt that is held. It is the main thread's, as everywhere.
bool mqtt_vm_take_interrupt(void);

#else

// Where nothing is held, it makes no difference.
static inline bool mqtt_vm_is_main_thread(void) {
    return false;
}

static inline bool mqtt_vm_take_interrupt(void) {
    return false;
}

#endif

#endif // MQTT_VM_PRIVATE_H
