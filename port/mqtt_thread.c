// Threads, their stacks, and the keyboard interrupt, which belongs to the main thread. See mqtt_vm.h.

// For pthread_getattr_np().
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "mqtt_vm_private.h"

#if MICROPY_ASYNC_KBD_INTR || defined(__linux__)
#include <pthread.h>
#include <signal.h>
#endif

#if !MICROPY_ENABLE_DYNRUNTIME
#include "py/cstack.h"
#include "py/mpthread.h"
#endif

#if MICROPY_ASYNC_KBD_INTR

bool mqtt_vm_is_main_thread(void) {
    #if MICROPY_ENABLE_DYNRUNTIME
    return natmod_in_main_thread();
    #elif MICROPY_PY_THREAD
    return mp_thread_is_main_thread();
    #else
    return true;
    #endif
}

static void only_sigint(sigset_t *set) {
    sigemptyset(set);
    sigaddset(set, SIGINT);
}

bool mqtt_vm_hold_interrupt(bool hold) {
    sigset_t set, before;
    only_sigint(&set);
    pthread_sigmask(hold ? SIG_BLOCK : SIG_UNBLOCK, &set, &before);
    return sigismember(&before, SIGINT);
}

bool mqtt_vm_take_interrupt(void) {
    sigset_t set;
    int signal;
    sigpending(&set);
    if (!mqtt_vm_is_main_thread() || !sigismember(&set, SIGINT)) {
        return false;
    }
    only_sigint(&set);
    return sigwait(&set, &signal) == 0;
}

#else

bool mqtt_vm_hold_interrupt(bool hold) {
    (void)hold;
    return false;
}

#endif

#if MICROPY_ENABLE_DYNRUNTIME

// Nothing tells it.
size_t mqtt_vm_stack_left(void) {
    return (size_t)-1;
}

#elif defined(__linux__)

// The stack that the system gives the thread. MicroPython's limit for the main thread is a fraction of it.
size_t mqtt_vm_stack_left(void) {
    char here;
    void *bottom = NULL;
    size_t size = 0;
    pthread_attr_t attr;
    if (pthread_getattr_np(pthread_self(), &attr) != 0) {
        return 0;
    }
    pthread_attr_getstack(&attr, &bottom, &size);
    pthread_attr_destroy(&attr);
    return &here - (char *)bottom;
}

#elif MICROPY_STACK_CHECK

size_t mqtt_vm_stack_left(void) {
    size_t used = mp_cstack_usage();
    size_t limit = MP_STATE_THREAD(stack_limit);
    return used < limit ? limit - used : 0;
}

#else

// This port does not measure its stack.
size_t mqtt_vm_stack_left(void) {
    return (size_t)-1;
}

#endif

#if MQTT_HAS_THREADS != MQTT_NO

#if MICROPY_ENABLE_DYNRUNTIME
#define THREAD_MODULE (STATE->thread)
#else
extern const mp_obj_module_t mp_module_thread;
#define THREAD_MODULE MP_OBJ_FROM_PTR(&mp_module_thread)

uintptr_t mqtt_vm_thread_id(void) {
    return (uintptr_t)mp_thread_get_state();
}
#endif

void mqtt_vm_start_thread(mp_obj_t fun, mp_obj_t arg, size_t stack_size, mp_obj_t *exc) {
    CATCH(exc, {
        mp_obj_t module = THREAD_MODULE;
        mp_obj_t set_stack_size = mp_load_attr(module, MP_QSTR_stack_size);
        mp_obj_t start = mp_load_attr(module, MP_QSTR_start_new_thread);
        mp_obj_t args[2] = { fun, mp_obj_new_tuple(1, &arg) };
        mp_obj_t size = MP_OBJ_NEW_SMALL_INT(stack_size);
        mp_obj_t before = mp_call_function_n_kw(set_stack_size, 1, 0, &size);
        mp_obj_t failure;
        CATCH(&failure, mp_call_function_n_kw(start, 2, 0, args));
        mp_call_function_n_kw(set_stack_size, 1, 0, &before);
        if (failure != MP_OBJ_NULL) {
            nlr_raise(failure);
        }
    });
}

#else

void mqtt_vm_start_thread(mp_obj_t fun, mp_obj_t arg, size_t stack_size, mp_obj_t *exc) {
    (void)fun;
    (void)arg;
    (void)stack_size;
    CATCH(exc, mp_raise_NotImplementedError(MP_ERROR_TEXT("no threads")));
}

#endif
