// The second half of modmqtt.c in a native module: it makes the types and fills the module's globals when
// the module is imported.

#include "py/bc0.h"

// A function without parameters: a jump to the next instruction, where MicroPython looks for pending
// work, and return None. (py/bc.h: one word of state, one byte of information, which is the name.)
static const uint8_t between_bytecodes[] = {
    0x00, 0x02, 0x00, MP_BC_JUMP, 0x40, MP_BC_LOAD_CONST_NONE, MP_BC_RETURN_VALUE,
};

void natmod_init_type(mp_obj_full_type_t *type, qstr name, unsigned flags) {
    type->base.type = &mp_type_type;
    type->flags = flags;
    type->name = name;
}

void natmod_init_borrowed_type(void);

static void natmod_init_native_type(void) {
    natmod_init_type(&STATE->native_type, MP_QSTR_Client, MP_TYPE_FLAG_NONE);
    MP_OBJ_TYPE_SET_SLOT(&STATE->native_type, make_new, (void *)native_new, 0);
    MP_OBJ_TYPE_SET_SLOT(&STATE->native_type, attr, (void *)native_attr, 1);
    MP_OBJ_TYPE_SET_SLOT(&STATE->native_type, protocol, (void *)&client_stream, 2);
}

// By the place of the name, as everything below.
typedef struct {
    uint8_t name;
    const void *object;
} named_object_t;

static const named_object_t methods[] = {
    #define METHOD(name) { NATMOD_NAME_##name, &client_##name##_obj },
    #define PLAIN_METHOD METHOD
    #include "mqtt_methods.h"
    { NATMOD_NAME___init__, &client_init_obj },
    { NATMOD_NAME___repr__, &client_repr_obj },
};

#if MQTT_HAS_OUTBOX
static const named_object_t delivery_methods[] = {
    #define DELIVERY_METHOD(name) { NATMOD_NAME_##name, &delivery_##name##_obj },
    #define DELIVERY_PLAIN_METHOD DELIVERY_METHOD
    #include "mqtt_methods.h"
};
#endif

static mp_obj_t new_dict(const named_object_t *objects, size_t n) {
    mp_obj_t dict = mp_obj_new_dict(n);
    for (size_t i = 0; i < n; i++) {
        mp_obj_dict_store(dict, MP_OBJ_NEW_QSTR(NAME(objects[i].name)), MP_OBJ_FROM_PTR(objects[i].object));
    }
    return dict;
}

typedef struct {
    uint8_t name;
    uint8_t unused;
    uint16_t number;
} named_number_t;

static const named_number_t numbers[] = {
    #define NUMBER(name, value) { NATMOD_NAME_##name, 0, value },
    #include "mqtt_numbers.h"
};

static mp_obj_t import(qstr name) {
    return mp_import_name(name, mp_const_none, MP_OBJ_NEW_SMALL_INT(0));
}

static mp_obj_t import_attr(qstr module, qstr name) {
    return mp_load_attr(import(module), name);
}

#if MQTT_HAS_THREADS != MQTT_YES

// Some firmware has no timer, or none of this kind.
static void find_timer(void) {
    mp_obj_t exc;
    CATCH(&exc, {
        mp_obj_t any = MP_OBJ_NEW_SMALL_INT(-1);
        mp_obj_t timer = mp_call_function_n_kw(import_attr(MP_QSTR_machine, MP_QSTR_Timer), 1, 0, &any);
        STATE->one_shot = mp_load_attr(timer, MP_QSTR_ONE_SHOT);
        STATE->timer_init = mp_load_attr(timer, MP_QSTR_init);
    });
}

#endif

static unsigned find_features(void) {
    unsigned features = 0;
    mp_obj_t exc;
    (void)exc;
    #if MQTT_HAS_THREADS == MQTT_ASK
    mp_obj_t esp32 = MP_OBJ_NEW_QSTR(MP_QSTR_esp32);
    if (mp_binary_op(MP_BINARY_OP_EQUAL, import_attr(MP_QSTR_sys, MP_QSTR_platform), esp32) == mp_const_true) {
        features |= 1 << MQTT_FEATURE_THREADS;
    }
    #endif
    #if MQTT_SOCKETS_CALL == MQTT_ASK
    CATCH(&exc, import(MP_QSTR_lwip));
    if (exc == MP_OBJ_NULL) {
        features |= 1 << MQTT_FEATURE_SOCKETS_CALL;
    } else if (!(features & 1 << MQTT_FEATURE_THREADS)) {
        // The driver of a network chip with TCP of its own.
        features |= 1 << MQTT_FEATURE_CONNECT_ONCE;
    }
    #endif
    #if MQTT_ERRNO_VARIES
    if (import_attr(MP_QSTR_errno, MP_QSTR_EINPROGRESS) != MP_OBJ_NEW_SMALL_INT(MP_EINPROGRESS)) {
        features |= 1 << NATMOD_NEWLIB_ERRNO;
    }
    #endif
    return features;
}

// MicroPython's own objects: the attribute of a module, or one of the names that every program has.
static const struct {
    uint8_t module;
    uint8_t name;
    // The field of mqtt_state_t, counted in words.
    uint8_t field;
} objects[] = {
    #define OBJECT(module, name, field) { module, NATMOD_NAME_##name, offsetof(mqtt_state_t, field) / sizeof(mp_obj_t) }
    #define NO_MODULE (0)
    OBJECT(NO_MODULE, OSError, types[MQTT_TYPE_OS_ERROR]),
    OBJECT(NO_MODULE, TypeError, types[MQTT_TYPE_TYPE_ERROR]),
    OBJECT(NO_MODULE, ValueError, types[MQTT_TYPE_VALUE_ERROR]),
    OBJECT(NO_MODULE, MemoryError, types[MQTT_TYPE_MEMORY_ERROR]),
    OBJECT(NO_MODULE, NotImplementedError, types[MQTT_TYPE_NOT_IMPLEMENTED_ERROR]),
    OBJECT(NO_MODULE, IndexError, types[MQTT_TYPE_INDEX_ERROR]),
    OBJECT(NO_MODULE, bytearray, types[MQTT_TYPE_BYTEARRAY]),
    OBJECT(NO_MODULE, int, type_int),
    OBJECT(NO_MODULE, bytes, type_bytes),
    OBJECT(NO_MODULE, callable, callable),
    OBJECT(NO_MODULE, issubclass, issubclass),
    OBJECT(NATMOD_NAME_time, ticks_ms, ticks_ms),
    OBJECT(NATMOD_NAME_time, sleep_ms, sleep_ms),
    OBJECT(NATMOD_NAME_sys, print_exception, print_exception),
    OBJECT(NATMOD_NAME_micropython, schedule, schedule),
    #if MICROPY_ASYNC_KBD_INTR
    OBJECT(NO_MODULE, KeyboardInterrupt, interrupt),
    #endif
};

static void find_objects(void) {
    for (size_t i = 0; i < MP_ARRAY_SIZE(objects); i++) {
        qstr name = NAME(objects[i].name);
        ((mp_obj_t *)STATE)[objects[i].field] =
            objects[i].module != NO_MODULE ? import_attr(NAME(objects[i].module), name) : mp_load_global(name);
    }
    STATE->types[MQTT_TYPE_EXCEPTION] = &mp_type_Exception;
    STATE->attrtuple = mp_obj_get_type(import_attr(MP_QSTR_sys, MP_QSTR_implementation));
    mp_obj_t stderr[2];
    mp_load_method_maybe(import(MP_QSTR_sys), MP_QSTR_stderr, stderr);
    STATE->print_to = stderr[0];
    STATE->features = find_features();
    #if MQTT_HAS_THREADS != MQTT_NO
    if (MQTT_HAS_THREADS == MQTT_YES || mqtt_vm_port_has(MQTT_FEATURE_THREADS)) {
        STATE->thread = import(MP_QSTR__thread);
    }
    #endif
    #if MQTT_HAS_THREADS != MQTT_YES
    find_timer();
    #endif
    STATE->main_thread = mqtt_vm_thread_id();
}

static void make_types(void) {
    mp_obj_exception_init(&STATE->exception_type, MP_QSTR_MQTTException, STATE->types[MQTT_TYPE_OS_ERROR]);
    STATE->types[MQTT_TYPE_MQTT_EXCEPTION] = (const mp_obj_type_t *)&STATE->exception_type;
    natmod_init_native_type();
    STATE->types[MQTT_TYPE_CLIENT] = TYPE(native_type);
    natmod_init_type(&STATE->context_type, MP_QSTR_SSLContext, MP_TYPE_FLAG_NONE);
    STATE->types[MQTT_TYPE_SSL_CONTEXT] = TYPE(context_type);
    #if MQTT_HAS_OUTBOX
    natmod_init_type(&STATE->delivery_type, MP_QSTR_Delivery, MP_TYPE_FLAG_ITER_IS_CUSTOM);
    mp_obj_t delivery_locals = new_dict(delivery_methods, MP_ARRAY_SIZE(delivery_methods));
    MP_OBJ_TYPE_SET_SLOT(&STATE->delivery_type, locals_dict, MP_OBJ_TO_PTR(delivery_locals), 0);
    MP_OBJ_TYPE_SET_SLOT(&STATE->delivery_type, iter, (void *)&delivery_iteration, 1);
    STATE->types[MQTT_TYPE_DELIVERY] = TYPE(delivery_type);
    #endif
    natmod_init_type(&STATE->in_parts_type, MP_QSTR_into, MP_TYPE_FLAG_NONE);
    STATE->types[MQTT_TYPE_IN_PARTS] = TYPE(in_parts_type);
    #if MQTT_HAS_AUTO_RECONNECT
    natmod_init_auto_reconnect_type();
    STATE->types[MQTT_TYPE_AUTO_RECONNECT] = TYPE(auto_reconnect_type);
    #endif
    natmod_init_method_type();
    natmod_init_c_method_type();
    #if MQTT_HAS_PORT_TLS
    natmod_init_borrowed_type();
    #endif

    // type("Client", (native_type,), {...})
    mp_obj_t base = MP_OBJ_FROM_PTR(TYPE(native_type));
    mp_obj_t locals = new_dict(methods, MP_ARRAY_SIZE(methods));
    mp_obj_t args[3] = { MP_OBJ_NEW_QSTR(MP_QSTR_Client), mp_obj_new_tuple(1, &base), locals };
    STATE->client_class = mp_call_function_n_kw(MP_OBJ_FROM_PTR(&mp_type_type), 3, 0, args);
}

// The loader calls it as the function of the module's source. It is the first function of the code.
__attribute__((section(".text.mpy_init")))
mp_obj_t mpy_init(mp_obj_fun_bc_t *self, size_t n_args, size_t n_kw, mp_obj_t *args) {
    (void)n_args;
    (void)n_kw;
    (void)args;
    MP_DYNRUNTIME_INIT_ENTRY
    rc.kind = MP_CODE_BYTECODE;
    STATE->between_bytecodes = mp_make_function_from_proto_fun((rc.fun_data = between_bytecodes, (const mp_raw_code_t *)&rc), self->context, NULL);
    find_objects();
    make_types();
    mp_store_global(MP_QSTR___version__, mp_obj_new_str(MQTT_VERSION, sizeof(MQTT_VERSION) - 1));
    mp_store_global(MP_QSTR_Client, STATE->client_class);
    #if MQTT_HAS_OUTBOX
    mp_store_global(MP_QSTR_Delivery, MP_OBJ_FROM_PTR(TYPE(delivery_type)));
    #endif
    mp_store_global(MP_QSTR_MQTTException, MP_OBJ_FROM_PTR(TYPE(exception_type)));
    #define FUNCTION(name) mp_store_global(MP_QSTR_##name, MP_OBJ_FROM_PTR(&name##_obj));
    #include "mqtt_methods.h"
    for (size_t i = 0; i < MP_ARRAY_SIZE(numbers); i++) {
        mp_store_global(NAME(numbers[i].name), MP_OBJ_NEW_SMALL_INT(numbers[i].number));
    }
    MP_DYNRUNTIME_INIT_EXIT
}
