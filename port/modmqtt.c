// The tables of the `mqtt` module, in C so that MicroPython's scanners find them: names, argument
// specifications, types. The bodies of the methods are in Rust, in src/module/.

#include "modmqtt.h"
#include "py/objexcept.h"
#include "py/objstr.h"
#include "py/runtime.h"

#if !defined(MQTT_VERSION) && !defined(NO_QSTR)
#error "MQTT_VERSION comes from micropython.mk or micropython.cmake"
#endif

// Default values, from the specification of Client.
#define DEFAULT_CYCLE_TIMEOUT (500)
#define DEFAULT_COMMAND_TIMEOUT (60000)
#define DEFAULT_PORT (1883)

// Values from Zerynth's ssl module.
#define CERT_NONE (1)
#define CERT_OPTIONAL (2)
#define CERT_REQUIRED (4)
#define CLIENT_AUTH (8)
#define SERVER_AUTH (16)

// The largest number of parameters of one function.
#define MAX_ARGS (8)

#define REQUIRED(name) { MP_QSTR_##name, MP_ARG_REQUIRED | MP_ARG_OBJ, { .u_rom_obj = MP_ROM_NONE } }
#define OPTIONAL(name, value) { MP_QSTR_##name, MP_ARG_OBJ, { .u_rom_obj = value } }

MP_DEFINE_EXCEPTION(MQTTException, OSError)

// Only C frames call this, so the exception jumps over no Rust frame.
static mp_obj_t finish(mp_obj_t value, mp_obj_t exc) {
    if (exc != MP_OBJ_NULL) {
        nlr_raise(exc);
    }
    return value;
}

static void parse(size_t n_args, const mp_obj_t *pos, mp_map_t *kw, size_t n_spec, const mp_arg_t *spec, mp_obj_t *args) {
    // A call without keywords needs no lookup.
    if (kw->used == 0 && n_args <= n_spec) {
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

static mp_obj_t check_self(mp_obj_t self) {
    if (!mp_obj_is_type(self, &mqtt_type_client)) {
        mp_raise_TypeError(MP_ERROR_TEXT("self must be a mqtt.Client"));
    }
    return self;
}

// A method with parameters; `client_NAME_spec` lists them.
#define METHOD_KW(name) \
    static mp_obj_t client_##name(size_t n_args, const mp_obj_t *pos, mp_map_t *kw) { \
        MP_STATIC_ASSERT(MP_ARRAY_SIZE(client_##name##_spec) <= MAX_ARGS); \
        mp_obj_t args[MAX_ARGS]; \
        mp_obj_t self = check_self(pos[0]); \
        parse(n_args - 1, pos + 1, kw, MP_ARRAY_SIZE(client_##name##_spec), client_##name##_spec, args); \
        mp_obj_t exc = MP_OBJ_NULL; \
        bool held = mqtt_vm_hold_interrupt(true); \
        mp_obj_t value = mqtt_client_##name(self, args, &exc); \
        mqtt_vm_hold_interrupt(held); \
        return finish(value, exc); \
    } \
    static MP_DEFINE_CONST_FUN_OBJ_KW(client_##name##_obj, 1, client_##name)

// A method without parameters.
#define METHOD_0(name) \
    static mp_obj_t client_##name(mp_obj_t self) { \
        mp_obj_t exc = MP_OBJ_NULL; \
        check_self(self); \
        bool held = mqtt_vm_hold_interrupt(true); \
        mp_obj_t value = mqtt_client_##name(self, NULL, &exc); \
        mqtt_vm_hold_interrupt(held); \
        return finish(value, exc); \
    } \
    static MP_DEFINE_CONST_FUN_OBJ_1(client_##name##_obj, client_##name)

static const mp_arg_t client_new_spec[] = {
    REQUIRED(client_id),
    OPTIONAL(clean_session, MP_ROM_TRUE),
    OPTIONAL(cycle_timeout, MP_ROM_INT(DEFAULT_CYCLE_TIMEOUT)),
    OPTIONAL(command_timeout, MP_ROM_INT(DEFAULT_COMMAND_TIMEOUT)),
};

static mp_obj_t client_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *all_args) {
    (void)type;
    mp_arg_val_t values[MP_ARRAY_SIZE(client_new_spec)];
    mp_arg_parse_all_kw_array(n_args, n_kw, all_args, MP_ARRAY_SIZE(client_new_spec), client_new_spec, values);
    mp_obj_t args[MP_ARRAY_SIZE(client_new_spec)];
    for (size_t i = 0; i < MP_ARRAY_SIZE(client_new_spec); i++) {
        args[i] = values[i].u_obj;
    }
    mp_obj_t exc = MP_OBJ_NULL;
    bool held = mqtt_vm_hold_interrupt(true);
    mp_obj_t value = mqtt_client_new(args, &exc);
    mqtt_vm_hold_interrupt(held);
    return finish(value, exc);
}

static const mp_arg_t client_connect_spec[] = {
    REQUIRED(host),
    REQUIRED(keepalive),
    OPTIONAL(port, MP_ROM_INT(DEFAULT_PORT)),
    OPTIONAL(ssl_ctx, MP_ROM_NONE),
    OPTIONAL(breconnect_cb, MP_ROM_NONE),
    OPTIONAL(aconnect_cb, MP_ROM_NONE),
    OPTIONAL(loop_failure, MP_ROM_NONE),
    OPTIONAL(start_loop, MP_ROM_TRUE),
};
METHOD_KW(connect);

METHOD_0(get_return_code);
METHOD_0(reconnect);
METHOD_0(connected);
METHOD_0(loop);

static const mp_arg_t client_set_username_pw_spec[] = {
    REQUIRED(username),
    OPTIONAL(password, MP_ROM_QSTR(MP_QSTR_)),
};
METHOD_KW(set_username_pw);

static const mp_arg_t client_set_will_spec[] = {
    REQUIRED(topic),
    REQUIRED(payload),
    OPTIONAL(qos, MP_ROM_INT(0)),
    OPTIONAL(retain, MP_ROM_TRUE),
};
METHOD_KW(set_will);

static const mp_arg_t client_publish_spec[] = {
    REQUIRED(topic),
    OPTIONAL(payload, MP_ROM_QSTR(MP_QSTR_)),
    OPTIONAL(qos, MP_ROM_INT(0)),
    OPTIONAL(retain, MP_ROM_FALSE),
};
METHOD_KW(publish);

static const mp_arg_t client_subscribe_spec[] = {
    REQUIRED(topic),
    REQUIRED(function),
    OPTIONAL(qos, MP_ROM_INT(0)),
};
METHOD_KW(subscribe);

static const mp_arg_t client_unsubscribe_spec[] = {
    REQUIRED(topic),
};
METHOD_KW(unsubscribe);

static const mp_arg_t client_disconnect_spec[] = {
    OPTIONAL(timeout, MP_ROM_NONE),
};
METHOD_KW(disconnect);

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

// MicroPython searches this table from the front, so the most frequent name is first.
static const mp_rom_map_elem_t client_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR_publish), MP_ROM_PTR(&client_publish_obj) },
    { MP_ROM_QSTR(MP_QSTR___del__), MP_ROM_PTR(&client_del_obj) },
    { MP_ROM_QSTR(MP_QSTR_connect), MP_ROM_PTR(&client_connect_obj) },
    { MP_ROM_QSTR(MP_QSTR_get_return_code), MP_ROM_PTR(&client_get_return_code_obj) },
    { MP_ROM_QSTR(MP_QSTR_reconnect), MP_ROM_PTR(&client_reconnect_obj) },
    { MP_ROM_QSTR(MP_QSTR_connected), MP_ROM_PTR(&client_connected_obj) },
    { MP_ROM_QSTR(MP_QSTR_loop), MP_ROM_PTR(&client_loop_obj) },
    { MP_ROM_QSTR(MP_QSTR_set_username_pw), MP_ROM_PTR(&client_set_username_pw_obj) },
    { MP_ROM_QSTR(MP_QSTR_set_will), MP_ROM_PTR(&client_set_will_obj) },
    { MP_ROM_QSTR(MP_QSTR_subscribe), MP_ROM_PTR(&client_subscribe_obj) },
    { MP_ROM_QSTR(MP_QSTR_unsubscribe), MP_ROM_PTR(&client_unsubscribe_obj) },
    { MP_ROM_QSTR(MP_QSTR_disconnect), MP_ROM_PTR(&client_disconnect_obj) },
};
static MP_DEFINE_CONST_DICT(client_locals, client_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(
    mqtt_type_client,
    MP_QSTR_Client,
    MP_TYPE_FLAG_NONE,
    make_new, client_make_new,
    locals_dict, &client_locals
    );

// The type of the contexts that create_ssl_context() makes. Only connect() uses them.
MP_DEFINE_CONST_OBJ_TYPE(
    mqtt_type_ssl_context,
    MP_QSTR_SSLContext,
    MP_TYPE_FLAG_NONE
    );

static const mp_arg_t create_ssl_context_spec[] = {
    OPTIONAL(cacert, MP_ROM_QSTR(MP_QSTR_)),
    OPTIONAL(clicert, MP_ROM_QSTR(MP_QSTR_)),
    OPTIONAL(pkey, MP_ROM_QSTR(MP_QSTR_)),
    OPTIONAL(hostname, MP_ROM_QSTR(MP_QSTR_)),
    OPTIONAL(options, MP_ROM_INT(CERT_REQUIRED | SERVER_AUTH)),
};

static mp_obj_t create_ssl_context(size_t n_args, const mp_obj_t *pos, mp_map_t *kw) {
    mp_obj_t args[MP_ARRAY_SIZE(create_ssl_context_spec)];
    parse(n_args, pos, kw, MP_ARRAY_SIZE(create_ssl_context_spec), create_ssl_context_spec, args);
    mp_obj_t exc = MP_OBJ_NULL;
    bool held = mqtt_vm_hold_interrupt(true);
    mp_obj_t value = mqtt_create_ssl_context(args, &exc);
    mqtt_vm_hold_interrupt(held);
    return finish(value, exc);
}
static MP_DEFINE_CONST_FUN_OBJ_KW(create_ssl_context_obj, 0, create_ssl_context);

static const MP_DEFINE_STR_OBJ(version_obj, MQTT_VERSION);

static const mp_rom_map_elem_t mqtt_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_mqtt) },
    { MP_ROM_QSTR(MP_QSTR___version__), MP_ROM_PTR(&version_obj) },
    { MP_ROM_QSTR(MP_QSTR_Client), MP_ROM_PTR(&mqtt_type_client) },
    { MP_ROM_QSTR(MP_QSTR_MQTTException), MP_ROM_PTR(&mp_type_MQTTException) },
    { MP_ROM_QSTR(MP_QSTR_create_ssl_context), MP_ROM_PTR(&create_ssl_context_obj) },
    { MP_ROM_QSTR(MP_QSTR_BREAK_LOOP), MP_ROM_INT(0) },
    { MP_ROM_QSTR(MP_QSTR_RECOVERED), MP_ROM_INT(1) },
    { MP_ROM_QSTR(MP_QSTR_PORT), MP_ROM_INT(DEFAULT_PORT) },
    // CONNACK return codes (MQTT 3.1.1, section 3.2.2.3).
    { MP_ROM_QSTR(MP_QSTR_RC_ACCEPTED), MP_ROM_INT(0) },
    { MP_ROM_QSTR(MP_QSTR_RC_REFUSED_VERSION), MP_ROM_INT(1) },
    { MP_ROM_QSTR(MP_QSTR_RC_REFUSED_IDENTIFIER), MP_ROM_INT(2) },
    { MP_ROM_QSTR(MP_QSTR_RC_REFUSED_SERVER), MP_ROM_INT(3) },
    { MP_ROM_QSTR(MP_QSTR_RC_REFUSED_BADUSRPWD), MP_ROM_INT(4) },
    { MP_ROM_QSTR(MP_QSTR_RC_REFUSED_NOAUTH), MP_ROM_INT(5) },
    { MP_ROM_QSTR(MP_QSTR_CERT_NONE), MP_ROM_INT(CERT_NONE) },
    { MP_ROM_QSTR(MP_QSTR_CERT_OPTIONAL), MP_ROM_INT(CERT_OPTIONAL) },
    { MP_ROM_QSTR(MP_QSTR_CERT_REQUIRED), MP_ROM_INT(CERT_REQUIRED) },
    { MP_ROM_QSTR(MP_QSTR_CLIENT_AUTH), MP_ROM_INT(CLIENT_AUTH) },
    { MP_ROM_QSTR(MP_QSTR_SERVER_AUTH), MP_ROM_INT(SERVER_AUTH) },
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
    MP_QSTR_do_handshake_on_connect, MP_QSTR_errno, MP_QSTR_getaddrinfo, MP_QSTR_gmtime, MP_QSTR_os,
    MP_QSTR_server_hostname, MP_QSTR_setblocking, MP_QSTR_setsockopt, MP_QSTR_sockaddr,
    MP_QSTR_socket, MP_QSTR_time, MP_QSTR_urandom, MP_QSTR_wrap_socket,
};
