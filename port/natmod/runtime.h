// MicroPython's run-time for a native module, under the names that a firmware has for it: py/dynruntime.h
// and the rest. The C files that both share include it through mqtt_vm_private.h.
#ifndef MQTT_NATMOD_RUNTIME_H
#define MQTT_NATMOD_RUNTIME_H

#include "py/nativeglue.h"

// The loader fills in the addresses of the firmware's table, of the module's names and of its memory. They
// lie beside the code, which finds them without a table of addresses, and nothing else in the code refers to
// the memory: the collector may see it through the first field of mqtt_state alone.
typedef struct _mqtt_state_t mqtt_state_t;
typedef struct {
    const mp_fun_table_t *table;
    const uint16_t *names;
    mqtt_state_t *state;
} mqtt_links_t;
extern const mqtt_links_t mqtt_links;

#define mp_fun_table (*mqtt_links.table)
#include "py/dynruntime.h"

#undef mp_type_bytes
#undef mp_type_int
#undef mp_type_Exception
#undef mp_type_TypeError
#undef mp_obj_get_int
#undef mp_obj_is_str_or_bytes
#undef mp_raise_TypeError

// MicroPython's types, objects and functions that the table does not have, found when the module is
// imported: a program may give these names to other objects later.
#define NATMOD_ATTRIBUTES (8)
struct _mqtt_state_t {
    const mp_obj_type_t *types[MQTT_TYPES];
    const mp_obj_type_t *type_int;
    const mp_obj_type_t *type_bytes;
    const mp_obj_type_t *attrtuple;
    mp_obj_t callable;
    mp_obj_t issubclass;
    mp_obj_t ticks_ms;
    mp_obj_t sleep_ms;
    mp_obj_t print_exception;
    mp_obj_t print_to;
    mp_obj_t schedule;
    mp_obj_t thread;
    // Its bound method init, and the value ONE_SHOT.
    mp_obj_t timer_init;
    mp_obj_t one_shot;
    // A function of bytecode. A call of it does the work that MicroPython does between two bytecodes.
    mp_obj_t between_bytecodes;
    // An exception that the main program is to raise at its next call of a method.
    mp_obj_t for_main;
    // The first client whose loop the scheduler runs.
    mp_obj_t loops;
    mp_obj_t client_class;
    #if MICROPY_ASYNC_KBD_INTR
    const mp_obj_type_t *interrupt;
    #endif
    uintptr_t main_thread;
    // The names of the attributes of such a tuple: of client.message, the only one.
    qstr attributes[NATMOD_ATTRIBUTES];
    uint32_t last_ticks;
    uint32_t ticks;
    uint8_t features;
    // How many calls a panic may leave.
    uint8_t guards;
    volatile mqtt_sched_t sched;
    mp_obj_full_type_t exception_type;
    mp_obj_full_type_t native_type;
    mp_obj_full_type_t method_type;
    mp_obj_full_type_t c_method_type;
    mp_obj_full_type_t context_type;
    mp_obj_full_type_t auto_reconnect_type;
    mp_obj_full_type_t delivery_type;
    mp_obj_full_type_t in_parts_type;
    mp_obj_full_type_t borrowed_type;
};
extern mqtt_state_t mqtt_state;
#define STATE (mqtt_links.state)
#define mqtt_vm_types (STATE->types)

// See mqtt_vm_private.h.
#define DEFINE_TYPE(name, qstr, flags, slot, function) \
    void natmod_init_##name(void) { \
        natmod_init_type(&STATE->name, (qstr), (flags)); \
        MP_OBJ_TYPE_SET_SLOT(&STATE->name, slot, (void *)(function), 0); \
    }
#define ADDRESS(name) ((const mp_obj_type_t *)&mqtt_state.name)
#define TYPE(name) ((const mp_obj_type_t *)&STATE->name)
#define NAME(name) (mqtt_links.names[name])

#if defined(__xtensa__)
// The firmware saves registers with its C library's setjmp(), in 17 words; nlr_buf_t has ten.
#define NLR_ROOM void *room[7];
#define NATMOD_SETJMP_PLACE 196
int natmod_setjmp(void *registers) __attribute__((returns_twice));
#define nlr_push(buf) (mp_fun_table.nlr_push(buf), natmod_setjmp((buf)->regs))
#else
// A file for a small Arm processor also runs where the firmware saves the registers of a floating-point
// unit, too (MICROPY_NLR_NUM_REGS_ARM_THUMB_FP).
#define NLR_ROOM void *room[6];
#define nlr_push(buf) (mp_fun_table.nlr_push(buf))
#endif

void natmod_init_type(mp_obj_full_type_t *type, qstr name, unsigned flags);

#define mp_type_bytes (*STATE->type_bytes)
#define mp_type_int (*STATE->type_int)
#define mp_type_Exception (*mp_fun_table.type_Exception)
#define mp_type_TypeError (*STATE->types[MQTT_TYPE_TYPE_ERROR])
#define mp_raise_TypeError(text) mp_raise_msg(&mp_type_TypeError, (text))

#define nlr_pop() (mp_fun_table.nlr_pop())

#define m_malloc_maybe(size) m_realloc_maybe(NULL, (size), false)
#define mp_call_method_n_kw(n, n_kw, args) (mp_fun_table.call_method_n_kw((n), (n_kw), (args)))
#define mp_obj_new_exception_args(type, n, args) mp_call_function_n_kw(MP_OBJ_FROM_PTR(type), (n), 0, (args))
#define mp_obj_is_callable(obj) natmod_ask(STATE->callable, 1, &(mp_obj_t) { (obj) })
#define mp_obj_is_subclass_fast(type, other) natmod_ask(STATE->issubclass, 2, (mp_obj_t[]) { (type), (other) })
#define mp_obj_get_int(obj) natmod_get_int(obj)
#define mp_obj_is_str_or_bytes(obj) (mp_obj_is_str(obj) || mp_obj_is_exact_type(obj, &mp_type_bytes))
#define mp_obj_new_attrtuple(names, n, items) natmod_new_attrtuple((names), (n), (items))
#define mp_event_wait_ms(ms) natmod_sleep_ms(ms)
#define mp_hal_ticks_ms() mqtt_vm_ticks_ms()
#define mp_cstack_check() natmod_enter()

// Beside MQTT_FEATURE_...
#define NATMOD_NEWLIB_ERRNO (3)

// Calls a function of Python's that gives a bool.
bool natmod_ask(mp_obj_t function, size_t n, const mp_obj_t *args);
// Raises TypeError if the number does not fit into a word.
mp_int_t natmod_get_int(mp_obj_t obj);
void natmod_sleep_ms(uint32_t ms);
// The text for a client: `state` is NULL for one without native part.
mp_obj_t natmod_repr(qstr name, mp_obj_t client_id, const char *state);
mp_obj_t natmod_new_attrtuple(const qstr *names, size_t n, const mp_obj_t *items);
uintptr_t natmod_thread_id(void);
// Whether the caller is the main program: the thread that has imported the module, and no function that the
// scheduler runs.
bool natmod_in_main_thread(void);
// Checks the stack, runs functions that wait for the scheduler, raises an exception that is pending.
void natmod_between_bytecodes(void);
// The beginning of a method: the same, and an exception that the background has left for the main program.
void natmod_enter(void);

static inline void natmod_map_init(mp_map_t *map, size_t n, const mp_obj_t *table) {
    map->alloc = n;
    map->used = n;
    map->all_keys_are_qstrs = 1;
    map->is_fixed = 1;
    map->is_ordered = 1;
    map->table = (mp_map_elem_t *)table;
}
#define mp_map_init_fixed_table natmod_map_init

#endif // MQTT_NATMOD_RUNTIME_H
