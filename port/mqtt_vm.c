// Narrow wrappers around the MicroPython VM. See mqtt_vm.h.
//
// They catch every exception and return it as a value, so that none jumps over a Rust frame.

#include <string.h>

#include "mqtt_vm_private.h"
#include "py/objstr.h"

mp_obj_t mqtt_vm_none(void) {
    return mp_const_none;
}

mp_obj_t mqtt_vm_bool(bool value) {
    return mp_obj_new_bool(value);
}

mp_obj_t mqtt_vm_small_int(mp_int_t value) {
    return MP_OBJ_NEW_SMALL_INT(value);
}

mp_obj_t mqtt_vm_qstr(qstr name) {
    return MP_OBJ_NEW_QSTR(NAME(name));
}

bool mqtt_vm_is_callable(mp_obj_t obj) {
    return mp_obj_is_callable(obj);
}

bool mqtt_vm_is_str(mp_obj_t obj) {
    return mp_obj_is_str(obj);
}

bool mqtt_vm_is_bytes(mp_obj_t obj) {
    return mp_obj_is_exact_type(obj, &mp_type_bytes);
}

const mp_obj_type_t *mqtt_vm_type(unsigned kind) {
    return mqtt_vm_types[kind];
}

bool mqtt_vm_is_of(mp_obj_t obj, unsigned kind) {
    return mp_obj_is_exact_type(obj, mqtt_vm_types[kind]);
}

bool mqtt_vm_is_exception_of(mp_obj_t exception, unsigned kind) {
    return mp_obj_is_subclass_fast(MP_OBJ_FROM_PTR(mp_obj_get_type(exception)), MP_OBJ_FROM_PTR(mqtt_vm_types[kind]));
}

bool mqtt_vm_get_int(mp_obj_t obj, mp_int_t *value, mp_obj_t *exc) {
    *exc = MP_OBJ_NULL;
    if (mp_obj_is_small_int(obj)) {
        *value = MP_OBJ_SMALL_INT_VALUE(obj);
        return true;
    }
    if (obj == mp_const_true || obj == mp_const_false) {
        *value = obj == mp_const_true;
        return true;
    }
    if (!mp_obj_is_exact_type(obj, &mp_type_int)) {
        return false;
    }
    mp_int_t result = 0;
    CATCH(exc, result = mp_obj_get_int(obj));
    if (*exc != MP_OBJ_NULL) {
        // It is too large for a machine word, and so beyond every limit of a parameter.
        mp_obj_t sign = MP_OBJ_NULL;
        CATCH(exc, sign = mp_binary_op(MP_BINARY_OP_LESS, obj, MP_OBJ_NEW_SMALL_INT(0)));
        const mp_int_t most = (mp_int_t)((mp_uint_t)-1 >> 1);
        result = sign == mp_const_true ? -most : most;
    }
    *value = result;
    return true;
}

bool mqtt_vm_get_buffer(mp_obj_t obj, const uint8_t **data, size_t *len, mp_obj_t *exc) {
    if (mp_obj_is_str_or_bytes(obj)) {
        *exc = MP_OBJ_NULL;
        *data = mqtt_vm_str_data(obj, len);
        return true;
    }
    volatile bool found = false;
    mp_buffer_info_t info = {0};
    CATCH(exc, found = mp_get_buffer(obj, &info, MP_BUFFER_READ));
    *data = info.buf;
    *len = info.len;
    return found;
}

const uint8_t *mqtt_vm_str_data(mp_obj_t str, size_t *len) {
    #if MICROPY_ENABLE_DYNRUNTIME
    mp_buffer_info_t info;
    mp_get_buffer(str, &info, MP_BUFFER_READ);
    *len = info.len;
    return info.buf;
    #else
    GET_STR_DATA_LEN(str, data, n);
    *len = n;
    return data;
    #endif
}

mp_obj_t mqtt_vm_len(mp_obj_t obj, mp_obj_t *exc) {
    mp_obj_t result = MP_OBJ_NULL;
    CATCH(exc, result = mp_unary_op(MP_UNARY_OP_LEN, obj));
    return result;
}

mp_obj_t mqtt_vm_get_item(mp_obj_t obj, mp_int_t index, mp_obj_t *exc) {
    mp_obj_t result = MP_OBJ_NULL;
    CATCH(exc, result = mp_obj_subscr(obj, MP_OBJ_NEW_SMALL_INT(index), MP_OBJ_SENTINEL));
    return result;
}

// Leaves the hash (0: not computed) to be computed at its first use. MicroPython's own function reads
// every byte for it.
static mp_obj_t new_str(const mp_obj_type_t *type, const uint8_t *data, size_t len, uint8_t **unfilled) {
    #if MQTT_SEARCHES_ON
    byte *copy = len < MQTT_LARGE ? m_new(byte, len + 1) : mqtt_vm_new_large(len + 1);
    #else
    byte *copy = m_new(byte, len + 1);
    #endif
    if (data != NULL) {
        memcpy(copy, data, len);
    #if MICROPY_ENABLE_DYNRUNTIME || !MICROPY_GC_CONSERVATIVE_CLEAR
    } else {
        // Elsewhere the allocator has zeroed it.
        memset(copy, 0, len);
    #endif
    }
    copy[len] = '\0';
    mp_obj_str_t *str = mp_obj_malloc(mp_obj_str_t, type);
    str->hash = 0;
    str->len = len;
    str->data = copy;
    *unfilled = copy;
    return MP_OBJ_FROM_PTR(str);
}

mp_obj_t mqtt_vm_new_str(const uint8_t *utf8, size_t len, mp_obj_t *exc) {
    uint8_t *data = NULL;
    mp_obj_t result = MP_OBJ_NULL;
    CATCH(exc, result = new_str(&mp_type_str, utf8, len, &data));
    return result;
}

mp_obj_t mqtt_vm_new_bytes(const uint8_t *data, size_t len, mp_obj_t *exc) {
    if (len == 0) {
        *exc = MP_OBJ_NULL;
        return mp_const_empty_bytes;
    }
    uint8_t *copy = NULL;
    mp_obj_t result = MP_OBJ_NULL;
    CATCH(exc, result = new_str(&mp_type_bytes, data, len, &copy));
    return result;
}

mp_obj_t mqtt_vm_new_bytes_unfilled(size_t len, uint8_t **data, mp_obj_t *exc) {
    mp_obj_t result = MP_OBJ_NULL;
    CATCH(exc, result = new_str(&mp_type_bytes, NULL, len, data));
    return result;
}

mp_obj_t mqtt_vm_new_attrtuple(const qstr *names, size_t n, const mp_obj_t *items, mp_obj_t *exc) {
    mp_obj_t result = MP_OBJ_NULL;
    CATCH(exc, result = mp_obj_new_attrtuple(names, n, items));
    return result;
}

mp_obj_t mqtt_vm_new_exception(unsigned kind, size_t n, const mp_obj_t *args) {
    mp_obj_t exc;
    mp_obj_t result = MP_OBJ_NULL;
    CATCH(&exc, result = mp_obj_new_exception_args(mqtt_vm_types[kind], n, args));
    return exc == MP_OBJ_NULL ? result : exc;
}

void *mqtt_vm_new_object(size_t size, unsigned kind, mp_obj_t *exc) {
    mp_obj_base_t *result = NULL;
    CATCH(exc, {
        #if MICROPY_ENABLE_FINALISER
        result = m_malloc_with_finaliser(size);
        #else
        result = m_malloc(size);
        #endif
        memset(result, 0, size);
        result->type = mqtt_vm_types[kind];
    });
    return result;
}

void *mqtt_vm_alloc(size_t size) {
    void *result = m_malloc_maybe(size);
    if (result != NULL) {
        memset(result, 0, size);
    }
    return result;
}

void mqtt_vm_free(void *block, size_t size) {
    #if MICROPY_MALLOC_USES_ALLOCATED_SIZE
    m_free(block, size);
    #else
    (void)size;
    m_free(block);
    #endif
}

mp_obj_t mqtt_vm_call(mp_obj_t fun, size_t n, size_t n_kw, const mp_obj_t *args, mp_obj_t *exc) {
    mp_obj_t result = MP_OBJ_NULL;
    CATCH(exc, {
        if (mqtt_vm_is_main_thread()) {
            mqtt_vm_hold_interrupt(false);
        }
        result = mp_call_function_n_kw(fun, n, n_kw, args);
        mqtt_vm_hold_interrupt(true);
    });
    // If it has raised, nlr_jump() has unblocked all signals.
    mqtt_vm_hold_interrupt(true);
    return *exc == MP_OBJ_NULL ? result : MP_OBJ_NULL;
}

mp_obj_t mqtt_vm_call_method(mp_obj_t obj, qstr name, size_t n, const mp_obj_t *args, mp_obj_t *exc) {
    mp_obj_t result = MP_OBJ_NULL;
    CATCH(exc, {
        mp_obj_t method[2 + 4];
        if (n > 4) {
            mp_raise_TypeError(NULL);
        }
        mp_load_method(obj, NAME(name), method);
        memcpy(&method[2], args, n * sizeof(mp_obj_t));
        result = mp_call_method_n_kw(n, 0, method);
    });
    return result;
}

mp_obj_t mqtt_vm_import(qstr name, mp_obj_t *exc) {
    mp_obj_t result = MP_OBJ_NULL;
    CATCH(exc, result = mp_import_name(NAME(name), mp_const_none, MP_OBJ_NEW_SMALL_INT(0)));
    return result;
}

mp_obj_t mqtt_vm_load_attr(mp_obj_t obj, qstr name, mp_obj_t *exc) {
    mp_obj_t result = MP_OBJ_NULL;
    CATCH(exc, result = mp_load_attr(obj, NAME(name)));
    return result;
}

bool mqtt_vm_has_attr(mp_obj_t obj, qstr name, mp_obj_t *exc) {
    mp_obj_t found[2] = { MP_OBJ_NULL, MP_OBJ_NULL };
    CATCH(exc, mp_load_method_maybe(obj, NAME(name), found));
    return found[0] != MP_OBJ_NULL;
}

bool mqtt_vm_is_stream(mp_obj_t obj, mp_obj_t *exc) {
    CATCH(exc, mp_get_stream_raise(obj, MP_STREAM_OP_READ | MP_STREAM_OP_WRITE | MP_STREAM_OP_IOCTL));
    return *exc == MP_OBJ_NULL;
}

mp_uint_t mqtt_vm_read(mp_obj_t stream, void *buf, size_t size, int *err, mp_obj_t *exc) {
    volatile mp_uint_t result = MP_STREAM_ERROR;
    CATCH(exc, result = mp_get_stream(stream)->read(stream, buf, size, err));
    return result;
}

// The most bytes of one write to a stream. The NINA-W10 loses bytes that do not fit into its buffer
// of 4,092 bytes, and its driver does not notice; TLS makes a record a little longer than its
// content.
#if MQTT_CONNECT_ONCE != MQTT_NO
#define MOST_PER_WRITE (3072)
#else
#define MOST_PER_WRITE (SIZE_MAX)
#endif

#if MQTT_SOCKETS_CALL != MQTT_NO
// Where lwIP has no place for a write, extmod/modlwip.c tries again for so long, in ms, even if the
// socket must not block. Then it reports that all was written, and nothing was.
#define WRITTEN_IN_VAIN (10000)
#endif

mp_uint_t mqtt_vm_write(mp_obj_t stream, const void *buf, size_t size, int *err, mp_obj_t *exc) {
    volatile mp_uint_t result = MP_STREAM_ERROR;
    #if MQTT_SOCKETS_CALL != MQTT_NO
    uint32_t start = mqtt_vm_ticks_ms();
    #endif
    CATCH(exc, result = mp_get_stream(stream)->write(stream, buf, MIN(size, MOST_PER_WRITE), err));
    #if MQTT_SOCKETS_CALL != MQTT_NO
    if (*exc == MP_OBJ_NULL && result != MP_STREAM_ERROR && mqtt_vm_ticks_ms() - start >= WRITTEN_IN_VAIN) {
        *err = MP_ENOMEM;
        return MP_STREAM_ERROR;
    }
    #endif
    return result;
}

mp_uint_t mqtt_vm_ioctl(mp_obj_t stream, mp_uint_t request, uintptr_t arg, int *err, mp_obj_t *exc) {
    volatile mp_uint_t result = MP_STREAM_ERROR;
    CATCH(exc, result = mp_get_stream(stream)->ioctl(stream, request, arg, err));
    return result;
}
