// Runs main.py of the folder where QEMU was started, and finds modules there.

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "py/builtin.h"
#include "py/compile.h"
#include "py/gc.h"
#include "py/mperrno.h"
#include "py/mphal.h"
#include "py/mpthread.h"
#include "py/runtime.h"

enum { SYS_EXIT = 1, SYS_READ = 3, SYS_WRITE = 4, SYS_OPEN = 5, SYS_CLOSE = 6 };

// QEMU's clock for this processor.
#define CYCLES_PER_MS (10000)

static char heap[512 * 1024];
// link.ld
extern char _stack_top[];


// ---- Files and the console

// MicroPython's reader of files raises it. QEMU gives no reasons.
int errno = MP_ENOENT;

int open(const char *path, int flags, ...) {
    (void)flags;
    return simcall(SYS_OPEN, (int)path, NULL, 0);
}

ssize_t read(int file, void *data, size_t len) {
    return simcall(SYS_READ, file, data, len);
}

int close(int file) {
    return simcall(SYS_CLOSE, file, NULL, 0);
}

mp_import_stat_t mp_import_stat(const char *path) {
    int file = open(path, O_RDONLY);
    if (file < 0) {
        return MP_IMPORT_STAT_NO_EXIST;
    }
    close(file);
    return MP_IMPORT_STAT_FILE;
}

// Programs cannot open files.
static mp_obj_t no_open(size_t n_args, const mp_obj_t *args, mp_map_t *kw) {
    (void)n_args, (void)args, (void)kw;
    mp_raise_OSError(MP_ENOENT);
}
MP_DEFINE_CONST_FUN_OBJ_KW(mp_builtin_open_obj, 1, no_open);

mp_uint_t mp_hal_stdout_tx_strn(const char *text, size_t len) {
    return simcall(SYS_WRITE, 1, text, len);
}

void mp_hal_stdout_tx_strn_cooked(const char *text, size_t len) {
    mp_hal_stdout_tx_strn(text, len);
}

void mp_hal_stdout_tx_str(const char *text) {
    mp_hal_stdout_tx_strn(text, strlen(text));
}

// MicroPython's emitter of native code reports errors with it.
int puts(const char *text) {
    mp_hal_stdout_tx_str(text);
    mp_hal_stdout_tx_str("\n");
    return 0;
}

int mp_hal_stdin_rx_chr(void) {
    return 0;
}

void mp_hal_set_interrupt_char(char c) {
    (void)c;
}

// ---- Time

static uint64_t cycles(void) {
    static uint64_t count;
    uint32_t now;
    __asm__ volatile ("rsr %0, ccount" : "=a" (now));
    count += (uint32_t)(now - (uint32_t)count);
    return count;
}

mp_uint_t mp_hal_ticks_cpu(void) {
    return cycles();
}

mp_uint_t mp_hal_ticks_us(void) {
    return (uint32_t)(cycles() >> 3) / (CYCLES_PER_MS / 8 / 1000);
}

mp_uint_t mp_hal_ticks_ms(void) {
    // The count fits into 32 bits for half an hour.
    return (uint32_t)(cycles() >> 4) / (CYCLES_PER_MS / 16);
}

uint64_t mp_hal_time_ns(void) {
    return 0;
}

void mp_hal_delay_us(mp_uint_t us) {
    mp_uint_t start = mp_hal_ticks_us();
    while (mp_hal_ticks_us() - start < us) {
    }
}

void mp_hal_delay_ms(mp_uint_t ms) {
    mp_uint_t start = mp_hal_ticks_ms();
    do {
        MP_THREAD_GIL_EXIT();
        MP_THREAD_GIL_ENTER();
        mp_handle_pending(true);
    } while (mp_hal_ticks_ms() - start < ms);
}

// ---- The rest

__attribute__((noreturn)) static void leave(int status) {
    for (;;) {
        simcall(SYS_EXIT, status, NULL, 0);
    }
}

void nlr_jump_fail(void *value) {
    (void)value;
    mp_hal_stdout_tx_str("an exception that nothing catches\n");
    leave(99);
}

void abort(void) {
    nlr_jump_fail(NULL);
}

// Calls by itself, so that the caller's registers are in memory.
void spill_windows(void);

void gc_collect(void) {
    spill_windows();
    gc_collect_start();
    mp_thread_gc_others((char *)__builtin_frame_address(0) - 64, _stack_top);
    gc_collect_end();
}

static int run(const char *path) {
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        mp_lexer_t *lexer = mp_lexer_new_from_file(qstr_from_str(path));
        qstr name = lexer->source_name;
        mp_parse_tree_t tree = mp_parse(lexer, MP_PARSE_FILE_INPUT);
        mp_call_function_0(mp_compile(&tree, name, false));
        nlr_pop();
        return 0;
    }
    mp_obj_print_exception(&mp_plat_print, MP_OBJ_FROM_PTR(nlr.ret_val));
    return 1;
}

int main(void) {
    mp_thread_begin();
    gc_init(heap, heap + sizeof(heap));
    mp_init();
    leave(run("main.py"));
}
