// The `mqtt` module as MicroPython sees it: arguments, methods, the class. The bodies of the methods are in
// Rust, in src/module/. A firmware and a native module keep parameters and tables in different forms: see
// parameters.h and module.h in firmware/ and in natmod/. A firmware's are in C so that MicroPython's scanners
// find them.

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

#include "firmware/parameters.h"

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

#if !MICROPY_ENABLE_DYNRUNTIME
// A class whose base is a stream has one slot more than MicroPython's structure.
typedef struct {
    mp_obj_full_type_t type;
    const void *last_slot;
} client_class_t;
#endif

// The class Client. In Zerynth it was written in Python, and programs treat it as such a class, so it is
// one: its instances are those of py/objtype.c, with attributes, and classes that derive from it override
// its methods. MicroPython makes such a class at run time only, and writes into it when another derives
// from it. So this is a copy, made when the module is imported: see mqtt_init() in firmware/module.h. It
// refers to constants alone.
#if MICROPY_ENABLE_DYNRUNTIME
#define CLIENT_CLASS ((const mp_obj_type_t *)MP_OBJ_TO_PTR(STATE->client_class))
#else
static client_class_t client_class;
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

// To poll(), a client stands for the socket of its connection. It can be polled and nothing else. MicroPython
// calls this for the instances of all classes that derive from Client: a class takes the stream's functions
// from its first base.
static mp_uint_t client_ioctl(mp_obj_t self, mp_uint_t request, uintptr_t arg, int *errcode) {
    mp_obj_t native = *native_part(self);
    mp_obj_t socket = MP_OBJ_NULL;
    if (is_native_part(native) && (request == MP_STREAM_POLL || request == MP_STREAM_GET_FILENO)) {
        bool held = mqtt_vm_hold_interrupt(true);
        socket = mqtt_client_socket(native);
        mqtt_vm_hold_interrupt(held);
    }
    *errcode = MP_EINVAL;
    mp_uint_t result = socket == MP_OBJ_NULL ? MP_STREAM_ERROR : mp_get_stream(socket)->ioctl(socket, request, arg, errcode);
    // poll() would raise an error. This is its way of saying that there is no connection.
    return result == MP_STREAM_ERROR && request == MP_STREAM_POLL ? MP_STREAM_POLL_NVAL : result;
}

static const mp_stream_p_t client_stream = { .ioctl = client_ioctl };

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

#if MQTT_HAS_OUTBOX
// `await`: a Delivery is its own iterator where no task drives the loop. The task of asyncio sleeps for so many ms
// before it looks again, because nothing wakes it.
#define DELIVERY_PAUSE MP_OBJ_NEW_SMALL_INT(10)

static mp_obj_t delivery_awaited(mp_obj_t self, bool begins) {
    RETURN(mqtt_delivery_awaited(self, begins, &exc));
}

static mp_obj_t delivery_iter(mp_obj_t self, mp_obj_iter_buf_t *buffer) {
    return delivery_awaited(self, true);
}

static mp_obj_t delivery_next(mp_obj_t self) {
    if (delivery_awaited(self, false) == mp_const_true) {
        return MP_OBJ_STOP_ITERATION;
    }
    mp_obj_t asyncio = mp_import_name(MP_QSTR_asyncio, mp_const_none, MP_OBJ_NEW_SMALL_INT(0));
    mp_obj_t pause = DELIVERY_PAUSE;
    pause = mp_call_function_n_kw(mp_load_attr(asyncio, MP_QSTR_sleep_ms), 1, 0, &pause);
    return mp_call_function_n_kw(mp_load_attr(pause, MP_QSTR___next__), 0, 0, NULL);
}

static const mp_getiter_iternext_custom_t delivery_iteration = { delivery_iter, delivery_next };
#endif

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

static mp_obj_t new_native_part(mp_obj_t instance, const mqtt_new_args_t *args) {
    RETURN(mqtt_client_new(instance, args, &exc));
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
    *native = new_native_part(self, &args);
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

#if MQTT_HAS_AUTO_RECONNECT

static mp_obj_t auto_reconnect_call(mp_obj_t self, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 1, 1, false);
    mp_obj_t client = initialised_part(args[0]);
    RETURN(mqtt_auto_reconnect_call(self, client, &exc));
}

// The type of the functions that auto_reconnect() makes.
DEFINE_TYPE(auto_reconnect_type, MP_QSTR_auto_reconnect, MP_TYPE_FLAG_NONE, call, auto_reconnect_call)

#endif

#if MICROPY_ENABLE_DYNRUNTIME

#include "natmod/module.h"

#else

#include "firmware/module.h"

#endif

#if !MICROPY_ENABLE_DYNRUNTIME || defined(NATMOD_SCAN)

// Names that only Rust uses. They stand here because the qstr scanners read C alone.
static const qstr rust_qstrs[] __attribute__((unused)) = {
    #undef NAME
    #define NAME(name) MP_QSTR_##name,
    #include "mqtt_names.h"
};

#endif
