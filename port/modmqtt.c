// The tables of the `mqtt` module, in C so that MicroPython's scanners find them: names, argument
// specifications, types. The bodies of the methods are in Rust, in src/module/.

#include "modmqtt.h"
#include "py/cstack.h"
#include "py/objexcept.h"
#include "py/objstr.h"
#include "py/runtime.h"

#if !defined(MQTT_VERSION) && !defined(NO_QSTR)
#error "MQTT_VERSION comes from micropython.mk or micropython.cmake"
#endif

// The parameters of each function, as MicroPython parses them.
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

// The most parameters that one function has.
typedef union {
    #define PARAMETERS(name) mqtt_##name##_args_t name;
    #include "mqtt_methods.h"
} any_args_t;
#define MAX_ARGS (sizeof(any_args_t) / sizeof(mqtt_arg_t))

MP_DEFINE_EXCEPTION(MQTTException, OSError)

// Only C frames call this, so the exception jumps over no Rust frame.
static mp_obj_t finish(mp_obj_t value, mp_obj_t exc) {
    if (exc != MP_OBJ_NULL) {
        nlr_raise(exc);
    }
    return value;
}

static void parse(size_t n_args, const mp_obj_t *pos, mp_map_t *kw, size_t n_spec, const mp_arg_t *spec, mqtt_arg_t *args) {
    // Without names there is nothing to look up.
    if (kw->used == 0 && n_args <= n_spec && (n_args == 0 || !(spec[n_args - 1].flags & MP_ARG_KW_ONLY))) {
        size_t i = 0;
        for (; i < n_args; i++) {
            args[i] = pos[i];
        }
        for (; i < n_spec && !(spec[i].flags & MP_ARG_REQUIRED); i++) {
            args[i] = spec[i].defval.u_obj;
        }
        if (i == n_spec) {
            return;
        }
    }
    mp_arg_val_t values[MAX_ARGS];
    mp_arg_parse_all(n_args, pos, kw, n_spec, spec, values);
    for (size_t i = 0; i < n_spec; i++) {
        args[i] = values[i].u_obj;
    }
}

static void check_self(mp_obj_t self) {
    if (!mp_obj_is_type(self, &mqtt_type_client)) {
        mp_raise_TypeError(MP_ERROR_TEXT("self must be a mqtt.Client"));
    }
}

// The beginning of every method. A method that is its own callback calls itself without a frame of
// Python, where MicroPython would check the stack.
static void enter(mp_obj_t self) {
    mp_cstack_check();
    check_self(self);
}

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

#define CONSTRUCTOR(name) \
    static mp_obj_t client_##name(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *all) { \
        (void)type; \
        mp_map_t kw; \
        mp_map_init_fixed_table(&kw, n_kw, all + n_args); \
        PARSE(name, n_args, all, &kw); \
        RETURN(mqtt_client_##name(&args, &exc)); \
    }

#define METHOD(name) \
    static mp_obj_t client_##name(size_t n_args, const mp_obj_t *pos, mp_map_t *kw) { \
        mp_obj_t self = pos[0]; \
        enter(self); \
        PARSE(name, n_args - 1, pos + 1, kw); \
        RETURN(mqtt_client_##name(self, &args, &exc)); \
    } \
    static MP_DEFINE_CONST_FUN_OBJ_KW(client_##name##_obj, 1, client_##name);

#define PLAIN_METHOD(name) \
    static mp_obj_t client_##name(mp_obj_t self) { \
        enter(self); \
        RETURN(mqtt_client_##name(self, &exc)); \
    } \
    static MP_DEFINE_CONST_FUN_OBJ_1(client_##name##_obj, client_##name);

#define ATTRIBUTE(name) \
    static mp_obj_t client_##name(mp_obj_t self) { \
        RETURN(mqtt_client_##name(self, &exc)); \
    }

#define FUNCTION(name) \
    static mp_obj_t name(size_t n_args, const mp_obj_t *pos, mp_map_t *kw) { \
        PARSE(name, n_args, pos, kw); \
        RETURN(mqtt_##name(&args, &exc)); \
    } \
    static MP_DEFINE_CONST_FUN_OBJ_KW(name##_obj, 0, name);

#include "mqtt_methods.h"

static mp_obj_t client_del(mp_obj_t self) {
    check_self(self);
    bool held = mqtt_vm_hold_interrupt(true);
    mqtt_client_finalise(self);
    mqtt_vm_hold_interrupt(held);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(client_del_obj, client_del);

static mp_obj_t run_loop(mp_obj_t self) {
    mqtt_vm_hold_interrupt(true);
    mqtt_client_run_loop(self);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(run_loop_obj, run_loop);

mp_obj_t mqtt_loop_function(void) {
    return MP_OBJ_FROM_PTR(&run_loop_obj);
}

static void client_attr(mp_obj_t self, qstr attribute, mp_obj_t *dest) {
    if (dest[0] != MP_OBJ_NULL) {
        return;
    }
    switch (attribute) {
        #define ATTRIBUTE(name) case MP_QSTR_##name: dest[0] = client_##name(self); break;
        #include "mqtt_methods.h"
        default:
            // MicroPython goes on to the methods.
            dest[1] = MP_OBJ_SENTINEL;
    }
}

// MicroPython searches it from the front. The finaliser's name is looked up once for each client.
static const mp_rom_map_elem_t client_locals_table[] = {
    #define METHOD(name) { MP_ROM_QSTR(MP_QSTR_##name), MP_ROM_PTR(&client_##name##_obj) },
    #define PLAIN_METHOD METHOD
    #include "mqtt_methods.h"
    { MP_ROM_QSTR(MP_QSTR___del__), MP_ROM_PTR(&client_del_obj) },
    // For help(): client_attr() comes first.
    #define ATTRIBUTE(name) { MP_ROM_QSTR(MP_QSTR_##name), MP_ROM_NONE },
    #include "mqtt_methods.h"
};
static MP_DEFINE_CONST_DICT(client_locals, client_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(
    mqtt_type_client,
    MP_QSTR_Client,
    MP_TYPE_FLAG_NONE,
    make_new, client_new,
    attr, client_attr,
    locals_dict, &client_locals
    );

// The type of the contexts that create_ssl_context() makes. Only connect() uses them.
MP_DEFINE_CONST_OBJ_TYPE(
    mqtt_type_ssl_context,
    MP_QSTR_SSLContext,
    MP_TYPE_FLAG_NONE
    );

static mp_obj_t auto_reconnect_call(mp_obj_t self, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 1, 1, false);
    check_self(args[0]);
    RETURN(mqtt_auto_reconnect_call(self, args[0], &exc));
}

// The type of the functions that auto_reconnect() makes.
MP_DEFINE_CONST_OBJ_TYPE(
    mqtt_type_auto_reconnect,
    MP_QSTR_auto_reconnect,
    MP_TYPE_FLAG_NONE,
    call, auto_reconnect_call
    );

static const MP_DEFINE_STR_OBJ(version_obj, MQTT_VERSION);

static const mp_rom_map_elem_t mqtt_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_mqtt) },
    { MP_ROM_QSTR(MP_QSTR___version__), MP_ROM_PTR(&version_obj) },
    { MP_ROM_QSTR(MP_QSTR_Client), MP_ROM_PTR(&mqtt_type_client) },
    { MP_ROM_QSTR(MP_QSTR_MQTTException), MP_ROM_PTR(&mp_type_MQTTException) },
    #define FUNCTION(name) { MP_ROM_QSTR(MP_QSTR_##name), MP_ROM_PTR(&name##_obj) },
    #include "mqtt_methods.h"
    { MP_ROM_QSTR(MP_QSTR_BREAK_LOOP), MP_ROM_INT(0) },
    { MP_ROM_QSTR(MP_QSTR_RECOVERED), MP_ROM_INT(1) },
    { MP_ROM_QSTR(MP_QSTR_PORT), MP_ROM_INT(MQTT_DEFAULT_PORT) },
    // CONNACK return codes (MQTT 3.1.1, section 3.2.2.3).
    { MP_ROM_QSTR(MP_QSTR_RC_ACCEPTED), MP_ROM_INT(0) },
    { MP_ROM_QSTR(MP_QSTR_RC_REFUSED_VERSION), MP_ROM_INT(1) },
    { MP_ROM_QSTR(MP_QSTR_RC_REFUSED_IDENTIFIER), MP_ROM_INT(2) },
    { MP_ROM_QSTR(MP_QSTR_RC_REFUSED_SERVER), MP_ROM_INT(3) },
    { MP_ROM_QSTR(MP_QSTR_RC_REFUSED_BADUSRPWD), MP_ROM_INT(4) },
    { MP_ROM_QSTR(MP_QSTR_RC_REFUSED_NOAUTH), MP_ROM_INT(5) },
    { MP_ROM_QSTR(MP_QSTR_CERT_NONE), MP_ROM_INT(MQTT_CERT_NONE) },
    { MP_ROM_QSTR(MP_QSTR_CERT_OPTIONAL), MP_ROM_INT(MQTT_CERT_OPTIONAL) },
    { MP_ROM_QSTR(MP_QSTR_CERT_REQUIRED), MP_ROM_INT(MQTT_CERT_REQUIRED) },
    { MP_ROM_QSTR(MP_QSTR_CLIENT_AUTH), MP_ROM_INT(MQTT_CLIENT_AUTH) },
    { MP_ROM_QSTR(MP_QSTR_SERVER_AUTH), MP_ROM_INT(MQTT_SERVER_AUTH) },
};
static MP_DEFINE_CONST_DICT(mqtt_globals, mqtt_globals_table);

const mp_obj_module_t mqtt_user_cmodule = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&mqtt_globals,
};
MP_REGISTER_MODULE(MP_QSTR_mqtt, mqtt_user_cmodule);

// Names that only Rust uses. They stand here because MicroPython's qstr scanner reads C alone.
static const qstr rust_qstrs[] __attribute__((unused)) = {
    MP_QSTR_IPPROTO_TCP, MP_QSTR_SOL_SOCKET, MP_QSTR_TCP_NODELAY, MP_QSTR_args, MP_QSTR_connect,
    MP_QSTR_do_handshake_on_connect, MP_QSTR_dup, MP_QSTR_errno, MP_QSTR_getaddrinfo, MP_QSTR_gmtime,
    MP_QSTR_os, MP_QSTR_properties, MP_QSTR_server_hostname, MP_QSTR_setblocking, MP_QSTR_setsockopt, MP_QSTR_sockaddr,
    MP_QSTR_socket, MP_QSTR_time, MP_QSTR_urandom, MP_QSTR_wrap_socket,
};
