// Declarations that the C files share and that Rust does not see.
#ifndef MQTT_VM_PRIVATE_H
#define MQTT_VM_PRIVATE_H

#include "mqtt_vm.h"
#include "py/runtime.h"

// The longest sleep between two checks for pending signals, in ms: the system may deliver a signal to
// any thread, which then does not wake the thread that must handle it.
#define LONGEST_SLEEP (100)

// Runs the statements under nlr_push. They must not leave the block with return or break.
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
// Takes the keyboard interrupt that the main thread holds back, if there is one.
bool mqtt_vm_take_interrupt(void);

#else

// A port without asynchronous signals holds no interrupt back, so both answers are "no".
static inline bool mqtt_vm_is_main_thread(void) {
    return false;
}

static inline bool mqtt_vm_take_interrupt(void) {
    return false;
}

#endif

#endif // MQTT_VM_PRIVATE_H
