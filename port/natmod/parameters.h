// The parameters of each function as the native module keeps them. MicroPython's own form of them has
// qstrs and objects, whose values differ from firmware to firmware: see natmod_as_parsed().
#ifndef MQTT_NATMOD_PARAMETERS_H
#define MQTT_NATMOD_PARAMETERS_H

typedef enum {
    NATMOD_NONE,
    NATMOD_TRUE,
    NATMOD_FALSE,
    NATMOD_EMPTY,
    NATMOD_INT,
} natmod_value_t;

typedef struct {
    // MP_ARG_...
    uint16_t flags;
    // Its place in the table of names.
    uint8_t name;
    uint8_t value;
    // With NATMOD_INT.
    uint16_t number;
} parameter_t;

#define VALUE_NONE NATMOD_NONE, 0
#define VALUE_TRUE NATMOD_TRUE, 0
#define VALUE_FALSE NATMOD_FALSE, 0
#define VALUE_EMPTY NATMOD_EMPTY, 0
#define VALUE_INT(number) NATMOD_INT, (number)
#define PARAMETERS(name) static const parameter_t name##_spec[] = {
#define REQUIRED(name) { MP_ARG_OBJ | MP_ARG_REQUIRED, NATMOD_NAME_##name, VALUE_NONE },
#define OPTIONAL(name, value) { MP_ARG_OBJ, NATMOD_NAME_##name, VALUE_##value },
#define KEYWORD(name, value) { MP_ARG_OBJ | MP_ARG_KW_ONLY, NATMOD_NAME_##name, VALUE_##value },
#define END(name) };
#include "mqtt_methods.h"

#define DEFAULT_OF(parameter) natmod_default(parameter)

static mp_obj_t natmod_default(const parameter_t *parameter) {
    switch (parameter->value) {
        case NATMOD_TRUE:
            return mp_const_true;
        case NATMOD_FALSE:
            return mp_const_false;
        case NATMOD_EMPTY:
            return MP_OBJ_NEW_QSTR(MP_QSTR_);
        case NATMOD_INT:
            return MP_OBJ_NEW_SMALL_INT(parameter->number);
        default:
            return mp_const_none;
    }
}

static void natmod_as_parsed(size_t n, const parameter_t *parameters, mp_arg_t *parsed) {
    for (size_t i = 0; i < n; i++) {
        parsed[i].qst = NAME(parameters[i].name);
        parsed[i].flags = parameters[i].flags;
        parsed[i].defval.u_obj = natmod_default(&parameters[i]);
    }
}

#endif // MQTT_NATMOD_PARAMETERS_H
