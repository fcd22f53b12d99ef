// Dicts, lists and large numbers, for the properties of MQTT 5. See mqtt_vm.h.

#include "modmqtt.h"
#include "mqtt_vm_private.h"

#if MQTT_HAS_V5

bool mqtt_vm_is_dict(mp_obj_t obj) {
    return mp_obj_is_exact_type(obj, &mp_type_dict);
}

bool mqtt_vm_next_entry(mp_obj_t dict, size_t *place, mp_obj_t *entry) {
    const mp_map_t *map = mp_obj_dict_get_map(dict);
    while (*place < map->alloc) {
        const mp_map_elem_t *slot = &map->table[(*place)++];
        // MicroPython's own function asserts, which a native module cannot.
        if (slot->key != MP_OBJ_NULL && slot->key != MP_OBJ_SENTINEL) {
            entry[0] = slot->key;
            entry[1] = slot->value;
            return true;
        }
    }
    return false;
}

bool mqtt_vm_get_u32(mp_obj_t number, uint32_t *value, mp_obj_t *exc) {
    volatile bool fits = false;
    volatile uint32_t low = 0;
    CATCH(exc,
        low = mp_obj_get_int_truncated(number);
        fits = mp_binary_op(MP_BINARY_OP_EQUAL, number, mp_obj_new_int_from_uint(low)) == mp_const_true);
    *value = low;
    return fits;
}

mp_obj_t mqtt_vm_new_u32(uint32_t value, mp_obj_t *exc) {
    mp_obj_t result = MP_OBJ_NULL;
    CATCH(exc, result = mp_obj_new_int_from_uint(value));
    return result;
}

mp_obj_t mqtt_vm_new_dict(mp_obj_t *exc) {
    mp_obj_t result = MP_OBJ_NULL;
    CATCH(exc, result = mp_obj_new_dict(0));
    return result;
}

void mqtt_vm_store(mp_obj_t dict, mp_obj_t key, mp_obj_t value, mp_obj_t *exc) {
    CATCH(exc, mp_obj_dict_store(dict, key, value));
}

mp_obj_t mqtt_vm_new_list(mp_obj_t *exc) {
    mp_obj_t result = MP_OBJ_NULL;
    CATCH(exc, result = mp_obj_new_list(0, NULL));
    return result;
}

void mqtt_vm_append(mp_obj_t list, mp_obj_t item, mp_obj_t *exc) {
    CATCH(exc, mp_obj_list_append(list, item));
}

mp_obj_t mqtt_vm_new_pair(mp_obj_t first, mp_obj_t second, mp_obj_t *exc) {
    mp_obj_t items[] = { first, second };
    mp_obj_t result = MP_OBJ_NULL;
    CATCH(exc, result = mp_obj_new_tuple(2, items));
    return result;
}

#endif
