// The part of the VM's edge that a native module has otherwise than a firmware: where the table
// of functions has no function for it, with Python objects. See mqtt_vm.h; mqtt_firmware.c is the counterpart.

#include "mqtt_vm_private.h"

static mp_obj_t take(mp_obj_t *place) {
    mp_obj_t obj = *place;
    *place = MP_OBJ_NULL;
    return obj;
}

static mp_obj_t new_str(const char *text) {
    size_t len = 0;
    while (text[len] != '\0') {
        len++;
    }
    return mp_obj_new_str(text, len);
}

bool natmod_ask(mp_obj_t function, size_t n, const mp_obj_t *args) {
    return mp_call_function_n_kw(function, n, 0, args) == mp_const_true;
}

mp_int_t natmod_get_int(mp_obj_t obj) {
    // The table's own conversion cuts a larger number off.
    mp_int_t value = mp_obj_get_int_truncated(obj);
    if (mp_binary_op(MP_BINARY_OP_EQUAL, mp_obj_new_int(value), obj) != mp_const_true) {
        mp_raise_TypeError(NULL);
    }
    return value;
}

void natmod_sleep_ms(uint32_t ms) {
    mp_obj_t arg = MP_OBJ_NEW_SMALL_INT(ms);
    mp_call_function_n_kw(STATE->sleep_ms, 1, 0, &arg);
}

void natmod_enter(void) {
    if (STATE->for_main != MP_OBJ_NULL && natmod_in_main_thread()) {
        nlr_raise(take(&STATE->for_main));
    }
    natmod_between_bytecodes();
}

void natmod_between_bytecodes(void) {
    mp_call_function_n_kw(STATE->between_bytecodes, 0, 0, NULL);
}

#if MQTT_HAS_THREADS != MQTT_NO

uintptr_t natmod_thread_id(void) {
    #if defined(__x86_64__) || defined(__riscv)
    // Every thread of Linux has its own, and so has every task of ESP-IDF.
    return (uintptr_t)__builtin_thread_pointer();
    #else
    mp_obj_t id = mp_call_function_n_kw(mp_load_attr(STATE->thread, MP_QSTR_get_ident), 0, 0, NULL);
    return mp_obj_get_int_truncated(id);
    #endif
}

#endif

#if MQTT_HAS_THREADS == MQTT_YES

uintptr_t mqtt_vm_thread_id(void) {
    return natmod_thread_id();
}

#endif

// text % values
static mp_obj_t formatted(const char *text, size_t n, const mp_obj_t *values) {
    return mp_binary_op(MP_BINARY_OP_MODULO, new_str(text), mp_obj_new_tuple(n, values));
}

mp_obj_t natmod_repr(qstr name, mp_obj_t client_id, const char *state) {
    mp_obj_t values[3] = { MP_OBJ_NEW_QSTR(name), client_id };
    if (state == NULL) {
        return formatted("<%s before __init__()>", 1, values);
    }
    values[2] = new_str(state);
    return formatted("<%s %r %s>", 3, values);
}

mp_obj_t natmod_new_attrtuple(const qstr *names, size_t n, const mp_obj_t *items) {
    n = MIN(n, NATMOD_ATTRIBUTES);
    mp_obj_tuple_t *tuple = m_malloc(sizeof(mp_obj_tuple_t) + (n + 1) * sizeof(mp_obj_t));
    tuple->base.type = STATE->attrtuple;
    tuple->len = n;
    for (size_t i = 0; i < n; i++) {
        STATE->attributes[i] = NAME(names[i]);
        tuple->items[i] = items[i];
    }
    tuple->items[n] = MP_OBJ_FROM_PTR(STATE->attributes);
    return MP_OBJ_FROM_PTR(tuple);
}

bool mqtt_vm_port_has(unsigned feature) {
    return STATE->features >> feature & 1;
}

#if MQTT_ERRNO_VARIES

// MicroPython's numbers, which are Linux's, and those of newlib, which an ESP32 uses. Other numbers are
// the same there.
static const uint8_t errnos[][2] = {
    { MP_ECONNABORTED, 113 },
    { MP_EISCONN, 127 },
    { MP_ENOTCONN, 128 },
    { MP_ETIMEDOUT, 116 },
    { MP_EHOSTUNREACH, 118 },
    { MP_EALREADY, 120 },
    { MP_EINPROGRESS, 119 },
};

uint16_t mqtt_vm_errno(uint16_t number, bool to_firmware) {
    if (mqtt_vm_port_has(NATMOD_NEWLIB_ERRNO)) {
        for (size_t i = 0; i < MP_ARRAY_SIZE(errnos); i++) {
            if (errnos[i][!to_firmware] == number) {
                return errnos[i][to_firmware];
            }
        }
    }
    return number;
}

#endif

bool natmod_in_main_thread(void) {
    return mqtt_vm_thread_id() == STATE->main_thread;
}

void mqtt_vm_take_exception(mp_obj_t *exc) {
    #if MICROPY_ASYNC_KBD_INTR
    if (mqtt_vm_take_interrupt()) {
        CATCH(exc, mp_raise_msg(MP_OBJ_TO_PTR(STATE->interrupt), NULL));
        return;
    }
    #endif
    *exc = natmod_in_main_thread() ? take(&STATE->for_main) : MP_OBJ_NULL;
}

bool mqtt_vm_has_scheduled(void) {
    // It cannot be known. The main thread runs them, so it had better look.
    return natmod_in_main_thread();
}

void mqtt_vm_handle_pending(mp_obj_t *exc) {
    mqtt_vm_take_exception(exc);
    if (*exc == MP_OBJ_NULL) {
        CATCH(exc, natmod_between_bytecodes());
        // An interrupt that comes meanwhile has unblocked all signals.
        mqtt_vm_hold_interrupt(true);
    }
}

// A stock firmware cannot be made to raise an exception out of nowhere, so the next method call does.
void mqtt_vm_raise_in_main(mp_obj_t exception) {
    STATE->for_main = exception;
}

void mqtt_vm_print_exception(mp_obj_t exception, mp_obj_t *exc) {
    mp_obj_t args[2] = { exception, STATE->print_to };
    CATCH(exc, mp_call_function_n_kw(STATE->print_exception, args[1] == MP_OBJ_NULL ? 1 : 2, 0, args));
}

void mqtt_vm_print_error(const char *text, size_t len, mp_obj_t *exc) {
    int err;
    CATCH(exc, {
        if (STATE->print_to == MP_OBJ_NULL) {
            mp_plat_print.print_strn(mp_plat_print.data, text, len);
        } else {
            mp_get_stream(STATE->print_to)->write(STATE->print_to, text, len, &err);
        }
    });
}

void mqtt_vm_print_number(uint32_t number, mp_obj_t *exc) {
    char digits[10];
    size_t start = sizeof(digits);
    do {
        digits[--start] = '0' + number % 10;
        number /= 10;
    } while (number != 0);
    mqtt_vm_print_error(digits + start, sizeof(digits) - start, exc);
}

mp_obj_t mqtt_vm_empty_bytes(void) {
    return mp_const_empty_bytes;
}

uint8_t *mqtt_vm_bytearray(mp_obj_t bytearray, size_t *len) {
    mp_buffer_info_t info;
    mp_get_buffer(bytearray, &info, MP_BUFFER_RW);
    *len = info.len;
    return info.buf;
}

mp_obj_t mqtt_vm_new_view(mp_obj_t bytearray, size_t len, mp_obj_t *exc) {
    mp_obj_t result = MP_OBJ_NULL;
    CATCH(exc, {
        mp_obj_t view = mp_call_function_n_kw(mp_load_global(MP_QSTR_memoryview), 1, 0, &bytearray);
        mp_obj_t front = mp_fun_table.new_slice(mp_const_none, MP_OBJ_NEW_SMALL_INT(len), mp_const_none);
        result = mp_obj_subscr(view, front, MP_OBJ_SENTINEL);
    });
    return result;
}

uint32_t mqtt_vm_ticks_ms(void) {
    mp_uint_t ticks = MP_OBJ_SMALL_INT_VALUE(mp_call_function_n_kw(STATE->ticks_ms, 0, 0, NULL));
    #if UINTPTR_MAX > UINT32_MAX
    return ticks;
    #else
    // MicroPython's count has 30 bits, and begins anew every 12 days.
    STATE->ticks += (ticks - STATE->last_ticks) & 0x3fffffff;
    STATE->last_ticks = ticks;
    return STATE->ticks;
    #endif
}

// Interrupts touch nothing of the module's, and threads take turns.
uint32_t mqtt_vm_begin_atomic_section(void) {
    return 0;
}

void mqtt_vm_end_atomic_section(uint32_t state) {
    (void)state;
}

void mqtt_vm_guard(void (*function)(void *), void *arg) {
    mp_obj_t exc;
    STATE->guards++;
    CATCH(&exc, function(arg));
    STATE->guards--;
    // If it has raised, nlr_jump() has unblocked all signals.
    mqtt_vm_hold_interrupt(true);
}

MP_NORETURN void mqtt_vm_panic(void) {
    if (STATE->guards > 0) {
        mp_raise_TypeError(NULL);
    }
    // Locks are held and state is half made: the program cannot go on.
    mp_printf(&mp_plat_print, "mqtt: internal error\n");
    __builtin_trap();
}
