// The parameters of each function as MicroPython parses them.
#ifndef MQTT_FIRMWARE_PARAMETERS_H
#define MQTT_FIRMWARE_PARAMETERS_H

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
