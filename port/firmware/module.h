// The second half of modmqtt.c in a firmware: the types and the module's globals are tables of constants.

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

static mp_obj_t client_del(mp_obj_t self) {
    if (is_native_part(self)) {
        bool held = mqtt_vm_hold_interrupt(true);
        mqtt_client_finalise(self);
        mqtt_vm_hold_interrupt(held);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(client_del_obj, client_del);

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
    protocol, &client_stream,
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
    MP_TYPE_FLAG_ITER_IS_CUSTOM,
    iter, &delivery_iteration,
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
    // type("Client", bases, locals).
    mp_obj_t made = MP_OBJ_TYPE_GET_SLOT(&mp_type_type, make_new)(&mp_type_type, MP_ARRAY_SIZE(args), 0, args);
    client_class = *(client_class_t *)MP_OBJ_TO_PTR(made);
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
    #if MQTT_HAS_AUTO_RECONNECT
    [MQTT_TYPE_AUTO_RECONNECT] = &auto_reconnect_type,
    #endif
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
