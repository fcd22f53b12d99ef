// The declarations that the C files share and that Rust does not see.
#ifndef MQTT_VM_PRIVATE_H
#define MQTT_VM_PRIVATE_H

#include "mqtt_vm.h"
#include "py/runtime.h"

// How long a thread waits at most without a look for pending exceptions, in ms. The system delivers a
// signal to any thread.
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
// Takes the interrupt that is held, if there is one. It belongs to the main thread.
bool mqtt_vm_take_interrupt(void);

#else

// Where no interrupt is held, the answer does not matter.
static inline bool mqtt_vm_is_main_thread(void) {
    return false;
}

static inline bool mqtt_vm_take_interrupt(void) {
    return false;
}

#endif

#endif // MQTT_VM_PRIVATE_H
