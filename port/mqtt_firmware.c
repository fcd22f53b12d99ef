// The part of the VM's edge that a firmware has otherwise than a native module: the VM's own state, its
// console and its clock, and the memory of a bytearray. See mqtt_vm.h; port/natmod/vm.c is its counterpart.

#include "mqtt_vm_private.h"
#include "py/gc.h"
#include "py/mphal.h"
#include "py/objarray.h"
#include "py/objstr.h"

mp_obj_t mqtt_vm_empty_bytes(void) {
    return mp_const_empty_bytes;
}

uint8_t *mqtt_vm_bytearray(mp_obj_t bytearray, size_t *len) {
    mp_obj_array_t *array = MP_OBJ_TO_PTR(bytearray);
    *len = array->len;
    return array->items;
}

mp_obj_t mqtt_vm_new_view(mp_obj_t bytearray, size_t len, mp_obj_t *exc) {
    mp_obj_array_t *array = MP_OBJ_TO_PTR(bytearray);
    mp_obj_t result = MP_OBJ_NULL;
    CATCH(exc, result = mp_obj_new_memoryview('B' | MP_OBJ_ARRAY_TYPECODE_FLAG_RW, len, array->items));
    return result;
}

void mqtt_vm_take_exception(mp_obj_t *exc) {
    if (mqtt_vm_take_interrupt()) {
        mp_obj_exception_clear_traceback(MP_OBJ_FROM_PTR(&MP_STATE_VM(mp_kbd_exception)));
        *exc = MP_OBJ_FROM_PTR(&MP_STATE_VM(mp_kbd_exception));
        return;
    }
    *exc = MP_OBJ_NULL;
    if (MP_STATE_THREAD(mp_pending_exception) != MP_OBJ_NULL) {
        mp_uint_t state = MICROPY_BEGIN_ATOMIC_SECTION();
        *exc = MP_STATE_THREAD(mp_pending_exception);
        MP_STATE_THREAD(mp_pending_exception) = MP_OBJ_NULL;
        MICROPY_END_ATOMIC_SECTION(state);
    }
}

bool mqtt_vm_has_scheduled(void) {
    return MP_STATE_VM(sched_state) == MP_SCHED_PENDING;
}

void mqtt_vm_handle_pending(mp_obj_t *exc) {
    mqtt_vm_take_exception(exc);
    if (*exc == MP_OBJ_NULL && mqtt_vm_has_scheduled()) {
        CATCH(exc, mp_handle_pending(true));
    }
}

void mqtt_vm_print_exception(mp_obj_t exception, mp_obj_t *exc) {
    CATCH(exc, mp_obj_print_exception(MICROPY_ERROR_PRINTER, exception));
}

void mqtt_vm_print_error(const char *text, size_t len, mp_obj_t *exc) {
    CATCH(exc, MICROPY_ERROR_PRINTER->print_strn(MICROPY_ERROR_PRINTER->data, text, len));
}

void mqtt_vm_print_number(uint32_t number, mp_obj_t *exc) {
    CATCH(exc, mp_printf(MICROPY_ERROR_PRINTER, "%u", (unsigned)number));
}

uint32_t mqtt_vm_ticks_ms(void) {
    return (uint32_t)mp_hal_ticks_ms();
}

uint32_t mqtt_vm_begin_atomic_section(void) {
    return (uint32_t)MICROPY_BEGIN_ATOMIC_SECTION();
}

void mqtt_vm_end_atomic_section(uint32_t state) {
    MICROPY_END_ATOMIC_SECTION(state);
}

// The innermost guard of a thread.
#if MQTT_HAS_THREADS
static __thread nlr_buf_t *innermost_guard;
#else
static nlr_buf_t *innermost_guard;
#endif

void mqtt_vm_guard(void (*function)(void *), void *arg) {
    nlr_buf_t *outer = innermost_guard;
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        innermost_guard = &nlr;
        function(arg);
        nlr_pop();
    } else {
        // nlr_jump() has unblocked all signals.
        mqtt_vm_hold_interrupt(true);
    }
    innermost_guard = outer;
}

MP_NORETURN void mqtt_vm_panic(void) {
    // The jump must not pass over frames in between, such as those of a callback.
    if (innermost_guard != NULL && innermost_guard == (nlr_buf_t *)MP_STATE_THREAD(nlr_top)) {
        nlr_jump(MP_OBJ_TO_PTR(mp_const_none));
    }
    // Locks are held and state is half made: the program cannot go on.
    mp_printf(MICROPY_ERROR_PRINTER, "mqtt: internal error\n");
    nlr_jump_fail(NULL);
}
