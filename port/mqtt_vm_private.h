// Declarations that the C files share and that Rust does not see.
#ifndef MQTT_VM_PRIVATE_H
#define MQTT_VM_PRIVATE_H

#include "mqtt_vm.h"

// The state of the loops that the scheduler runs.
typedef struct {
    // Whether the scheduled function is running.
    bool running;
    // Whether only the timer may post it, so that the main program gets its turn.
    bool resting;
    // Whether the timer has expired while it was running.
    bool expired;
    // Whether the loops are served while a function that one of them has called waits, and when they last were.
    bool serving;
    uint32_t served_at;
} mqtt_sched_t;

#if MICROPY_ENABLE_DYNRUNTIME
#include "natmod/runtime.h"
#else
#include "py/runtime.h"
#endif

#if !MICROPY_ENABLE_DYNRUNTIME

// By MQTT_TYPE_...
extern const mp_obj_type_t *const mqtt_vm_types[MQTT_TYPES];

// The types of the module, each with one slot. A native module makes them when it is imported. ADDRESS
// is for tables, TYPE for code.
#define DEFINE_TYPE(name, qstr, flags, slot, function) \
    static MP_DEFINE_CONST_OBJ_TYPE(name, qstr, flags, slot, function);
#define ADDRESS(name) &name
#define TYPE(name) &name

// The qstr that Rust names. In a native module the names of Rust are places in a table.
#define NAME(name) (name)

#define NLR_ROOM

#endif

// The longest sleep between two checks for pending signals, in ms: the system may deliver a signal to
// any thread, which then does not wake the thread that must handle it.
#define LONGEST_SLEEP (100)

// Whether the search for memory can go on where the last one has ended: with the VM's own state at hand, one heap, and
// no other thread that searches meanwhile. The heap of a microcontroller is so small that it does not matter there.
#define MQTT_SEARCHES_ON (MQTT_DESCRIPTORS && !MICROPY_ENABLE_DYNRUNTIME && MICROPY_ENABLE_GC \
    && !MICROPY_GC_SPLIT_HEAP && (!MICROPY_PY_THREAD || MICROPY_PY_THREAD_GIL))

// Allocates a block of so many bytes or more. May raise.
#define MQTT_LARGE (2048)
void *mqtt_vm_new_large(size_t size);

typedef struct {
    nlr_buf_t nlr;
    NLR_ROOM
} guard_t;

// Runs the statements under nlr_push. They must not leave the block with return or break.
#define CATCH(exc, ...) \
    do { \
        guard_t guard; \
        if (nlr_push(&guard.nlr) == 0) { \
            __VA_ARGS__; \
            nlr_pop(); \
            *(exc) = MP_OBJ_NULL; \
        } else { \
            *(exc) = MP_OBJ_FROM_PTR(guard.nlr.ret_val); \
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
