// The addresses that the loader fills in, and the module's memory. They have a file of their own: a compiler
// that sees the values reaches for the memory directly, and the loader puts it anywhere.

#include "mqtt_vm_private.h"

#undef mp_fun_table
extern const uint16_t mp_native_qstr_table[];

const mqtt_links_t mqtt_links = { &mp_fun_table, mp_native_qstr_table, &mqtt_state };

__attribute__((section(".bss.mqtt_state"))) mqtt_state_t mqtt_state;
