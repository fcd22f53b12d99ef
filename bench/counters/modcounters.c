// `import counters`: counters of heap and stack for the benchmark on a board.
//
//     counters.watch()         makes every later allocation collect first
//     counters.peak()          ends that; returns the most bytes of live heap meanwhile
//     counters.paint()         marks the free part of the stack
//     counters.depth()         returns the bytes of it that were used since

#include "py/gc.h"
#include "py/mphal.h"
#include "py/runtime.h"

#define PAINT (0x5a17c0de)

/******************************************************************************/
// Heap. The linker routes all other allocations through these functions.

void *__real_gc_alloc(size_t n_bytes, unsigned int flags);
void *__real_gc_realloc(void *ptr, size_t n_bytes, bool allow_move);

static bool watching;
static size_t most_used;

static size_t used(void) {
    gc_info_t info;
    gc_info(&info);
    return info.used;
}

static void note(void) {
    size_t now = used();
    most_used = MAX(most_used, now);
}

void *__wrap_gc_alloc(size_t n_bytes, unsigned int flags) {
    if (!watching) {
        return __real_gc_alloc(n_bytes, flags);
    }
    gc_collect();
    void *result = __real_gc_alloc(n_bytes, flags);
    note();
    return result;
}

void *__wrap_gc_realloc(void *ptr, size_t n_bytes, bool allow_move) {
    if (watching && n_bytes > 0) {
        gc_collect();
    }
    void *result = __real_gc_realloc(ptr, n_bytes, allow_move);
    if (watching) {
        note();
    }
    return result;
}

static mp_obj_t watch(void) {
    most_used = 0;
    watching = true;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(watch_obj, watch);

static mp_obj_t peak(void) {
    watching = false;
    return MP_OBJ_NEW_SMALL_INT(most_used);
}
static MP_DEFINE_CONST_FUN_OBJ_0(peak_obj, peak);

/******************************************************************************/
// Stack. Interrupts use the same stack.

extern uint32_t _sstack;
static uint32_t *painted;

static mp_obj_t paint(void) {
    painted = (uint32_t *)__get_MSP();
    for (volatile uint32_t *at = &_sstack; at < painted; at++) {
        *at = PAINT;
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(paint_obj, paint);

static mp_obj_t depth(void) {
    uint32_t *at = &_sstack;
    while (at < painted && *at == PAINT) {
        at++;
    }
    return MP_OBJ_NEW_SMALL_INT((painted - at) * sizeof(*at));
}
static MP_DEFINE_CONST_FUN_OBJ_0(depth_obj, depth);

static const mp_rom_map_elem_t globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_counters) },
    { MP_ROM_QSTR(MP_QSTR_watch), MP_ROM_PTR(&watch_obj) },
    { MP_ROM_QSTR(MP_QSTR_peak), MP_ROM_PTR(&peak_obj) },
    { MP_ROM_QSTR(MP_QSTR_paint), MP_ROM_PTR(&paint_obj) },
    { MP_ROM_QSTR(MP_QSTR_depth), MP_ROM_PTR(&depth_obj) },
};
static MP_DEFINE_CONST_DICT(globals, globals_table);

const mp_obj_module_t counters_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&globals,
};

MP_REGISTER_MODULE(MP_QSTR_counters, counters_module);
