// Threads that take turns where they release the GIL: each has a stack, and the processor's registers are
// saved with setjmp(). An ESP32's threads take turns anywhere, but only one of them has the GIL, too.

#include <setjmp.h>

#include "py/gc.h"
#include "py/mperrno.h"
#include "py/mpthread.h"
#include "py/runtime.h"

#define THREADS (4)
#define STACK_SIZE (32 * 1024)

typedef struct {
    jmp_buf registers;
    mp_state_thread_t *state;
    void *(*entry)(void *);
    void *arg;
    bool lives;
} thread_t;

static thread_t threads[THREADS];
static char stacks[THREADS][STACK_SIZE] __attribute__((aligned(16)));
static size_t running;

__attribute__((noreturn)) void begin_on_stack(char *stack_top, void (*function)(void));

void mp_thread_begin(void) {
    threads[0].lives = true;
    threads[0].state = &mp_state_ctx.thread;
}

// Runs the next thread that lives; the first one always does.
static void next(void) {
    do {
        running = (running + 1) % THREADS;
    } while (!threads[running].lives);
    longjmp(threads[running].registers, 1);
}

static void yield(void) {
    if (setjmp(threads[running].registers) == 0) {
        next();
    }
}

static void thread_main(void) {
    thread_t *thread = &threads[running];
    thread->entry(thread->arg);
    thread->lives = false;
    next();
}

mp_uint_t mp_thread_create(void *(*entry)(void *), void *arg, size_t *stack_size) {
    for (size_t i = 1; i < THREADS; i++) {
        if (!threads[i].lives) {
            threads[i].entry = entry;
            threads[i].arg = arg;
            threads[i].lives = true;
            *stack_size = STACK_SIZE - 2048;
            if (setjmp(threads[running].registers) == 0) {
                running = i;
                begin_on_stack(stacks[i] + STACK_SIZE - 64, thread_main);
            }
            return i;
        }
    }
    mp_raise_OSError(MP_ENOMEM);
}

mp_uint_t mp_thread_get_id(void) {
    return running;
}

mp_state_thread_t *mp_thread_get_state(void) {
    return threads[running].state;
}

void mp_thread_set_state(mp_state_thread_t *state) {
    threads[running].state = state;
}

void mp_thread_start(void) {
}

void mp_thread_finish(void) {
}

void mp_thread_mutex_init(mp_thread_mutex_t *mutex) {
    mutex->locked = false;
}

int mp_thread_mutex_lock(mp_thread_mutex_t *mutex, int wait) {
    while (mutex->locked) {
        if (!wait) {
            return false;
        }
        yield();
    }
    mutex->locked = true;
    return true;
}

void mp_thread_mutex_unlock(mp_thread_mutex_t *mutex) {
    mutex->locked = false;
    if (mutex == &MP_STATE_VM(gil_mutex)) {
        yield();
    }
}

void mp_thread_gc_others(char *from, char *to) {
    // A thread that waits has its registers on its stack, and some in `threads`.
    gc_collect_root((void **)threads, sizeof(threads) / (sizeof(void *)));
    for (size_t i = 0; i < THREADS; i++) {
        if (i == running) {
            char *end = i == 0 ? to : stacks[i] + STACK_SIZE;
            gc_collect_root((void **)from, (end - from) / sizeof(void *));
        } else if (threads[i].lives && i > 0) {
            gc_collect_root((void **)stacks[i], STACK_SIZE / sizeof(void *));
        } else if (i == 0) {
            char *sp = (char *)((uintptr_t *)threads[0].registers)[1] - 64;
            gc_collect_root((void **)sp, (to - sp) / sizeof(void *));
        }
    }
}
