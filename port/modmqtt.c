// The tables of the `mqtt` module, in C so that MicroPython's scanners find them: names, argument
// specifications, types. The bodies of the methods are in Rust, in src/module/.

#include "modmqtt.h"
#include "mqtt_vm_private.h"
#include "py/objstr.h"
#include "py/objtuple.h"
#include "py/objtype.h"

#if MICROPY_ENABLE_DYNRUNTIME

#include "natmod/parameters.h"

#else

#include "py/cstack.h"
#include "py/objexcept.h"

#if !defined(MQTT_VERSION) && !defined(NO_QSTR)
#error "MQTT_VERSION comes from micropython.mk or micropython.cmake"
#endif

MP_DEFINE_EXCEPTION(MQTTException, OSError)

// The parameters of each function, as MicroPython parses them.
typedef mp_arg_t parameter_t;
#define DEFAULT_OF(parameter) ((parameter)->defval.u_obj)
#define VALUE_NONE MP_ROM_NONE
#define VALUE_TRUE MP_ROM_TRUE
#define VALUE_FALSE MP_ROM_FALSE
#define VALUE_EMPTY MP_ROM_QSTR(MP_QSTR_)
#define VALUE_INT(number) MP_ROM_INT(number)
#define PARAMETERS(name) static const mp_arg_t name##_spec[] = {
#define REQUIRED(name) { MP_QSTR_##name, MP_ARG_REQUIRED | MP_ARG_OBJ, { .u_rom_obj = MP_ROM_NONE } },
#define OPTIONAL(name, value) { MP_QSTR_##name, MP_ARG_OBJ, { .u_rom_obj = VALUE_##value } },
#define KEYWORD(name, value) { MP_QSTR_##name, MP_ARG_KW_ONLY | MP_ARG_OBJ, { .u_rom_obj = VALUE_##value } },
#define END(name) };
#include "mqtt_methods.h"

#endif

// The most parameters that one function has.
typedef union {
    #define PARAMETERS(name) mqtt_##name##_args_t name;
    #include "mqtt_methods.h"
} any_args_t;
#define MAX_ARGS (sizeof(any_args_t) / sizeof(mqtt_arg_t))

// Only C frames call this, so the exception jumps over no Rust frame.
static mp_obj_t finish(mp_obj_t value, mp_obj_t exc) {
    if (exc != MP_OBJ_NULL) {
        nlr_raise(exc);
    }
    return value;
}

static void parse(size_t n_args, const mp_obj_t *pos, mp_map_t *kw, size_t n_spec, const parameter_t *spec, mqtt_arg_t *args) {
    // Without names there is nothing to look up. Required parameters come first, and those that are given by
    // name alone come last.
    if (kw->used == 0 && n_args <= n_spec
        && (n_args == n_spec || !(spec[n_args].flags & MP_ARG_REQUIRED))
        && (n_args == 0 || !(spec[n_args - 1].flags & MP_ARG_KW_ONLY))) {
        size_t i = 0;
        for (; i < n_args; i++) {
            args[i] = pos[i];
        }
        for (; i < n_spec; i++) {
            args[i] = DEFAULT_OF(&spec[i]);
        }
        return;
    }
    #if MICROPY_ENABLE_DYNRUNTIME
    mp_arg_t parsed[MAX_ARGS];
    natmod_as_parsed(n_spec, spec, parsed);
    #else
    const mp_arg_t *parsed = spec;
    #endif
    mp_arg_val_t values[MAX_ARGS];
    mp_arg_parse_all(n_args, pos, kw, n_spec, parsed, values);
    for (size_t i = 0; i < n_spec; i++) {
        args[i] = values[i].u_obj;
    }
}

// The class Client. In Zerynth it was written in Python, and programs treat it as such a class, so it is
// one: its instances are those of py/objtype.c, with attributes, and classes that derive from it override
// its methods. MicroPython makes such a class at run time only, and writes into it when another derives
// from it. So this is a copy, made when the module is imported: see mqtt_init(). It refers to constants
// alone.
#if MICROPY_ENABLE_DYNRUNTIME
#define CLIENT_CLASS ((const mp_obj_type_t *)MP_OBJ_TO_PTR(STATE->client_class))
#else
static mp_obj_full_type_t client_class;
#define CLIENT_CLASS ((const mp_obj_type_t *)&client_class)
#endif

// The native part of a Client, or any other object if Client.__init__() has not been called. MicroPython
// keeps a place for it at the same position in instances of all classes that derive from this one: to
// MicroPython it is an object of the class's native base.
static mp_obj_t *native_part(mp_obj_t self) {
    const mp_obj_type_t *type = mp_obj_get_type(self);
    if (type != CLIENT_CLASS && !mp_obj_is_subclass_fast(MP_OBJ_FROM_PTR(type), MP_OBJ_FROM_PTR(CLIENT_CLASS))) {
        mp_raise_TypeError(MP_ERROR_TEXT("self must be a mqtt.Client"));
    }
    return &((mp_obj_instance_t *)MP_OBJ_TO_PTR(self))->subobj[0];
}

static bool is_native_part(mp_obj_t obj) {
    return mp_obj_is_exact_type(obj, mqtt_vm_types[MQTT_TYPE_CLIENT]);
}

// The native part of a Client, after Client.__init__().
static mp_obj_t initialised_part(mp_obj_t self) {
    mp_obj_t native = *native_part(self);
    if (!is_native_part(native)) {
        mp_raise_msg(&mp_type_RuntimeError, MP_ERROR_TEXT("call Client.__init__() first"));
    }
    return native;
}

#if MQTT_HAS_OUTBOX
// The beginning of every method of Delivery.
static void enter_delivery(mp_obj_t self) {
    mp_cstack_check();
    if (!mp_obj_is_exact_type(self, mqtt_vm_types[MQTT_TYPE_DELIVERY])) {
        mp_raise_TypeError(MP_ERROR_TEXT("self must be a mqtt.Delivery"));
    }
}
#endif

// The arguments of the function `name`, in a variable `args`.
#define PARSE(name, n_args, pos, kw) \
    mqtt_##name##_args_t args; \
    parse(n_args, pos, kw, MP_ARRAY_SIZE(name##_spec), name##_spec, (mqtt_arg_t *)&args)

// Calls the Rust side, and returns its result or raises its exception. An interrupt is held
// meanwhile, because it must not jump over a frame of Rust.
#define RETURN(call) \
    mp_obj_t exc = MP_OBJ_NULL; \
    bool held = mqtt_vm_hold_interrupt(true); \
    mp_obj_t value = call; \
    mqtt_vm_hold_interrupt(held); \
    return finish(value, exc)

static mp_obj_t call_rust(mqtt_method_t *function, mp_obj_t client, const mqtt_arg_t *args) {
    RETURN(function(client, args, &exc));
}

// A method of Client, in Rust. It is not one of MicroPython's built-in functions, for those are static
// methods in a class of this kind.
typedef struct {
    mp_obj_base_t base;
    mqtt_method_t *function;
    const parameter_t *spec;
    size_t n_spec;
} method_obj_t;

static mp_obj_t method_call(mp_obj_t method_in, size_t n_args, size_t n_kw, const mp_obj_t *all) {
    const method_obj_t *method = MP_OBJ_TO_PTR(method_in);
    // A method that is its own callback calls itself without a frame of Python, where MicroPython would
    // check the stack.
    mp_cstack_check();
    if (n_args == 0) {
        mp_arg_check_num(n_args, n_kw, 1, MP_OBJ_FUN_ARGS_MAX, true);
    }
    mp_obj_t client = initialised_part(all[0]);
    mp_map_t kw;
    mp_map_init_fixed_table(&kw, n_kw, all + n_args);
    mqtt_arg_t args[MAX_ARGS];
    parse(n_args - 1, all + 1, &kw, method->n_spec, method->spec, args);
    return call_rust(method->function, client, args);
}

DEFINE_TYPE(method_type, MP_QSTR_function, MP_TYPE_FLAG_BINDS_SELF, call, method_call)

#define METHOD(name) \
    static const method_obj_t client_##name##_obj = { \
        { ADDRESS(method_type) }, mqtt_client_##name, name##_spec, MP_ARRAY_SIZE(name##_spec), \
    };
#define PLAIN_METHOD(name) \
    static const method_obj_t client_##name##_obj = { { ADDRESS(method_type) }, mqtt_client_##name, NULL, 0 };

#define FUNCTION(name) \
    static mp_obj_t name(size_t n_args, const mp_obj_t *pos, mp_map_t *kw) { \
        PARSE(name, n_args, pos, kw); \
        RETURN(mqtt_##name(&args, &exc)); \
    } \
    static MP_DEFINE_CONST_FUN_OBJ_KW(name##_obj, 0, name);

#define DELIVERY_METHOD(name) \
    static mp_obj_t delivery_##name(size_t n_args, const mp_obj_t *pos, mp_map_t *kw) { \
        mp_obj_t self = pos[0]; \
        enter_delivery(self); \
        PARSE(name, n_args - 1, pos + 1, kw); \
        RETURN(mqtt_delivery_##name(self, &args, &exc)); \
    } \
    static MP_DEFINE_CONST_FUN_OBJ_KW(delivery_##name##_obj, 1, delivery_##name);

#define DELIVERY_PLAIN_METHOD(name) \
    static mp_obj_t delivery_##name(mp_obj_t self) { \
        enter_delivery(self); \
        RETURN(mqtt_delivery_##name(self, &exc)); \
    } \
    static MP_DEFINE_CONST_FUN_OBJ_1(delivery_##name##_obj, delivery_##name);

#include "mqtt_methods.h"

// The methods in C: they work on a client that is not complete.
typedef struct {
    mp_obj_base_t base;
    mp_call_fun_t function;
} c_method_obj_t;

static mp_obj_t c_method_call(mp_obj_t method, size_t n_args, size_t n_kw, const mp_obj_t *all) {
    mp_arg_check_num(n_args, n_kw, 1, MP_OBJ_FUN_ARGS_MAX, true);
    return ((const c_method_obj_t *)MP_OBJ_TO_PTR(method))->function(all[0], n_args - 1, n_kw, all + 1);
}

DEFINE_TYPE(c_method_type, MP_QSTR_function, MP_TYPE_FLAG_BINDS_SELF, call, c_method_call)

static unsigned state_of(mp_obj_t native, mp_obj_t *client_id) {
    bool held = mqtt_vm_hold_interrupt(true);
    unsigned state = mqtt_client_state(native, client_id);
    mqtt_vm_hold_interrupt(held);
    return state;
}

// A second call makes a new client of it, as with a class in Python.
static mp_obj_t client_init(mp_obj_t self, size_t n_args, size_t n_kw, const mp_obj_t *all) {
    mp_obj_t *native = native_part(self);
    mp_obj_t client_id;
    if (is_native_part(*native) && state_of(*native, &client_id) != MQTT_STATE_NOT_CONNECTED) {
        mp_raise_msg(&mp_type_RuntimeError, MP_ERROR_TEXT("Client.__init__() while connected: call disconnect() first"));
    }
    mp_map_t kw;
    mp_map_init_fixed_table(&kw, n_kw, all + n_args);
    PARSE(new, n_args, all, &kw);
    mp_obj_t exc = MP_OBJ_NULL;
    bool held = mqtt_vm_hold_interrupt(true);
    mp_obj_t made = mqtt_client_new(self, &args, &exc);
    mqtt_vm_hold_interrupt(held);
    *native = finish(made, exc);
    return mp_const_none;
}
static const c_method_obj_t client_init_obj = { { ADDRESS(c_method_type) }, client_init };

static mp_obj_t client_repr(mp_obj_t self, size_t n_args, size_t n_kw, const mp_obj_t *all) {
    (void)all;
    static const char *const texts[] = { "not connected", "connection lost", "connecting", "connected" };
    mp_arg_check_num(n_args, n_kw, 0, 0, false);
    mp_obj_t native = *native_part(self);
    #if MICROPY_ENABLE_DYNRUNTIME
    mp_obj_t client_id = MP_OBJ_NULL;
    const char *state = is_native_part(native) ? texts[state_of(native, &client_id)] : NULL;
    return natmod_repr(mp_obj_get_type(self)->name, client_id, state);
    #else
    vstr_t text;
    mp_print_t print;
    vstr_init_print(&text, 48, &print);
    mp_printf(&print, "<%q ", mp_obj_get_type(self)->name);
    if (is_native_part(native)) {
        mp_obj_t client_id;
        unsigned state = state_of(native, &client_id);
        mp_obj_print_helper(&print, client_id, PRINT_REPR);
        mp_printf(&print, " %s>", texts[state]);
    } else {
        mp_print_str(&print, "before __init__()>");
    }
    return mp_obj_new_str_from_vstr(&text);
    #endif
}
static const c_method_obj_t client_repr_obj = { { ADDRESS(c_method_type) }, client_repr };

#if !MICROPY_ENABLE_DYNRUNTIME

static mp_obj_t client_del(mp_obj_t self) {
    if (is_native_part(self)) {
        bool held = mqtt_vm_hold_interrupt(true);
        mqtt_client_finalise(self);
        mqtt_vm_hold_interrupt(held);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(client_del_obj, client_del);

#endif

static mp_obj_t run_loop(mp_obj_t self) {
    mqtt_vm_hold_interrupt(true);
    mqtt_client_run_loop(self);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(run_loop_obj, run_loop);

mp_obj_t mqtt_loop_function(void) {
    return MP_OBJ_FROM_PTR(&run_loop_obj);
}

// The attributes of the module itself. MicroPython asks the native part for a name that neither the
// instance nor its class has, before it calls __getattr__(): so they cost the methods nothing, as
// properties would.
static void native_attr(mp_obj_t self, qstr attribute, mp_obj_t *dest) {
    if (dest[0] != MP_OBJ_NULL) {
        return;
    }
    mqtt_method_t *function = NULL;
    #define ATTRIBUTE(name) if (attribute == MP_QSTR_##name) { function = mqtt_client_##name; }
    #include "mqtt_methods.h"
    if (function == NULL) {
        // MicroPython goes on to __del__().
        dest[1] = MP_OBJ_SENTINEL;
        return;
    }
    dest[0] = call_rust(function, self, NULL);
}

// MicroPython calls it for an instance whose __init__() has not called Client.__init__().
static mp_obj_t native_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *all) {
    (void)type;
    (void)n_args;
    (void)n_kw;
    (void)all;
    return mp_const_none;
}

static mp_obj_t auto_reconnect_call(mp_obj_t self, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 1, 1, false);
    mp_obj_t client = initialised_part(args[0]);
    RETURN(mqtt_auto_reconnect_call(self, client, &exc));
}

// The type of the functions that auto_reconnect() makes.
DEFINE_TYPE(auto_reconnect_type, MP_QSTR_auto_reconnect, MP_TYPE_FLAG_NONE, call, auto_reconnect_call)

#if MICROPY_ENABLE_DYNRUNTIME

#include "natmod/module.h"

#else

#define ATTRIBUTE(name) static const MP_DEFINE_STR_OBJ(name##_text, #name);
#include "mqtt_methods.h"

// MicroPython searches it from the front.
static const mp_rom_map_elem_t client_locals_table[] = {
    #define METHOD(name) { MP_ROM_QSTR(MP_QSTR_##name), MP_ROM_PTR(&client_##name##_obj) },
    #define PLAIN_METHOD METHOD
    #include "mqtt_methods.h"
    { MP_ROM_QSTR(MP_QSTR___init__), MP_ROM_PTR(&client_init_obj) },
    { MP_ROM_QSTR(MP_QSTR___repr__), MP_ROM_PTR(&client_repr_obj) },
    // For help() alone. A lookup compares interned strings, so that it finds none of these.
    #define ATTRIBUTE(name) { MP_ROM_PTR(&name##_text), MP_ROM_NONE },
    #include "mqtt_methods.h"
};
static MP_DEFINE_CONST_DICT(client_locals, client_locals_table);

// The native part of a Client, which alone has a finaliser.
static const mp_rom_map_elem_t native_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___del__), MP_ROM_PTR(&client_del_obj) },
};
static MP_DEFINE_CONST_DICT(native_locals, native_locals_table);

static MP_DEFINE_CONST_OBJ_TYPE(
    native_type,
    MP_QSTR_Client,
    MP_TYPE_FLAG_NONE,
    make_new, native_new,
    attr, native_attr,
    locals_dict, &native_locals
    );

#if MQTT_HAS_OUTBOX
static const mp_rom_map_elem_t delivery_locals_table[] = {
    #define DELIVERY_METHOD(name) { MP_ROM_QSTR(MP_QSTR_##name), MP_ROM_PTR(&delivery_##name##_obj) },
    #define DELIVERY_PLAIN_METHOD DELIVERY_METHOD
    #include "mqtt_methods.h"
};
static MP_DEFINE_CONST_DICT(delivery_locals, delivery_locals_table);

// The type of the objects that publish(wait=False) returns.
static MP_DEFINE_CONST_OBJ_TYPE(
    delivery_type,
    MP_QSTR_Delivery,
    MP_TYPE_FLAG_NONE,
    locals_dict, &delivery_locals
    );
#endif

#if !MICROPY_MODULE_BUILTIN_INIT
#error "the module mqtt needs MICROPY_MODULE_BUILTIN_INIT"
#endif

static const mp_rom_obj_tuple_t client_bases = { { &mp_type_tuple }, 1, { MP_ROM_PTR(&native_type) } };

// MicroPython calls it when the module is imported.
static mp_obj_t mqtt_init(void) {
    const mp_obj_t args[] = { MP_OBJ_NEW_QSTR(MP_QSTR_Client), MP_OBJ_FROM_PTR(&client_bases), MP_OBJ_FROM_PTR(&client_locals) };
    // type("Client", bases, locals). A class with one base has as many slots as this struct.
    mp_obj_t made = MP_OBJ_TYPE_GET_SLOT(&mp_type_type, make_new)(&mp_type_type, MP_ARRAY_SIZE(args), 0, args);
    client_class = *(mp_obj_full_type_t *)MP_OBJ_TO_PTR(made);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(mqtt_init_obj, mqtt_init);

// The type of the contexts that create_ssl_context() makes. Only connect() uses them.
static MP_DEFINE_CONST_OBJ_TYPE(
    ssl_context_type,
    MP_QSTR_SSLContext,
    MP_TYPE_FLAG_NONE
    );

// The type of the functions that get payloads in parts. No program sees one.
static MP_DEFINE_CONST_OBJ_TYPE(
    in_parts_type,
    MP_QSTR_into,
    MP_TYPE_FLAG_NONE
    );

const mp_obj_type_t *const mqtt_vm_types[MQTT_TYPES] = {
    [MQTT_TYPE_OS_ERROR] = &mp_type_OSError,
    [MQTT_TYPE_TYPE_ERROR] = &mp_type_TypeError,
    [MQTT_TYPE_VALUE_ERROR] = &mp_type_ValueError,
    [MQTT_TYPE_MEMORY_ERROR] = &mp_type_MemoryError,
    [MQTT_TYPE_NOT_IMPLEMENTED_ERROR] = &mp_type_NotImplementedError,
    [MQTT_TYPE_INDEX_ERROR] = &mp_type_IndexError,
    [MQTT_TYPE_MQTT_EXCEPTION] = &mp_type_MQTTException,
    [MQTT_TYPE_EXCEPTION] = &mp_type_Exception,
    [MQTT_TYPE_BYTEARRAY] = &mp_type_bytearray,
    [MQTT_TYPE_IN_PARTS] = &in_parts_type,
    [MQTT_TYPE_CLIENT] = &native_type,
    [MQTT_TYPE_SSL_CONTEXT] = &ssl_context_type,
    [MQTT_TYPE_AUTO_RECONNECT] = &auto_reconnect_type,
    #if MQTT_HAS_OUTBOX
    [MQTT_TYPE_DELIVERY] = &delivery_type,
    #endif
};

static const MP_DEFINE_STR_OBJ(version_obj, MQTT_VERSION);

static const mp_rom_map_elem_t mqtt_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_mqtt) },
    { MP_ROM_QSTR(MP_QSTR___version__), MP_ROM_PTR(&version_obj) },
    { MP_ROM_QSTR(MP_QSTR___init__), MP_ROM_PTR(&mqtt_init_obj) },
    { MP_ROM_QSTR(MP_QSTR_Client), MP_ROM_PTR(&client_class) },
    #if MQTT_HAS_OUTBOX
    { MP_ROM_QSTR(MP_QSTR_Delivery), MP_ROM_PTR(&delivery_type) },
    #endif
    { MP_ROM_QSTR(MP_QSTR_MQTTException), MP_ROM_PTR(&mp_type_MQTTException) },
    #define FUNCTION(name) { MP_ROM_QSTR(MP_QSTR_##name), MP_ROM_PTR(&name##_obj) },
    #include "mqtt_methods.h"
    #define NUMBER(name, value) { MP_ROM_QSTR(MP_QSTR_##name), MP_ROM_INT(value) },
    #include "mqtt_numbers.h"
};
static MP_DEFINE_CONST_DICT(mqtt_globals, mqtt_globals_table);

const mp_obj_module_t mqtt_user_cmodule = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&mqtt_globals,
};
MP_REGISTER_MODULE(MP_QSTR_mqtt, mqtt_user_cmodule);

#endif

#if !MICROPY_ENABLE_DYNRUNTIME || defined(NATMOD_SCAN)

// Names that only Rust uses. They stand here because the qstr scanners read C alone.
static const qstr rust_qstrs[] __attribute__((unused)) = {
    #undef NAME
    #define NAME(name) MP_QSTR_##name,
    #include "mqtt_names.h"
};

#endif
