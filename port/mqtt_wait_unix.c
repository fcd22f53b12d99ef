// Waiting on a Unix host: threads sleep in the kernel, and sockets are file descriptors. See mqtt_vm.h.

#include "mqtt_vm_private.h"

#if defined(__unix__) || defined(__APPLE__)

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#if MICROPY_ENABLE_DYNRUNTIME

#include <linux/futex.h>

// The standard variant of the unix port has no GIL.
#define MP_THREAD_GIL_EXIT()
#define MP_THREAD_GIL_ENTER()

long natmod_futex(const uint32_t *word, int operation, uint32_t value, const struct timespec *timeout);

void mqtt_vm_wait_word(const uint32_t *word, uint32_t seen, uint32_t timeout_ms, mp_obj_t *exc) {
    struct timespec timeout = { .tv_nsec = MIN(timeout_ms, LONGEST_SLEEP) * 1000000L };
    natmod_futex(word, FUTEX_WAIT_PRIVATE, seen, &timeout);
    mqtt_vm_take_exception(exc);
}

void mqtt_vm_wake(const uint32_t *word) {
    natmod_futex(word, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL);
}

#else

#include "py/mpthread.h"

// To sleep and wake takes a thread longer than most waits last: for a nearby broker, for another
// thread's write, for the GIL. So before it sleeps, a thread yields the processor for this long, in ns.
#define LONGEST_YIELD (100000)

#define NS_PER_MS (1000000LL)
#define NS_PER_S (1000 * NS_PER_MS)

// A thread that waits for a word sleeps at the place that the word's address selects. So a wake-up
// disturbs few threads that wait for other words.
#define PLACES (16)

static pthread_mutex_t places_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t places[PLACES];
static pthread_once_t places_once = PTHREAD_ONCE_INIT;

// Uses the monotonic clock, if the host lets a condition choose its clock.
static void places_init(void) {
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    #if !defined(__APPLE__)
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    #endif
    for (size_t i = 0; i < PLACES; i++) {
        pthread_cond_init(&places[i], &attr);
    }
    pthread_condattr_destroy(&attr);
}

static pthread_cond_t *place_of(const uint32_t *word) {
    return &places[(uintptr_t)word / sizeof(uint64_t) % PLACES];
}

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

// The caller holds places_mutex. May return early.
static void place_sleep(pthread_cond_t *place, int64_t until) {
    #if defined(__APPLE__)
    int64_t ns = MAX(until - now_ns(), 0);
    struct timespec left = { .tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S };
    pthread_cond_timedwait_relative_np(place, &places_mutex, &left);
    #else
    struct timespec end = { .tv_sec = until / NS_PER_S, .tv_nsec = until % NS_PER_S };
    pthread_cond_timedwait(place, &places_mutex, &end);
    #endif
}

// Another thread usually releases the GIL soon: when it waits, reads or writes.
static void gil_enter(void) {
    #if MICROPY_PY_THREAD_GIL
    int64_t end = now_ns() + LONGEST_YIELD;
    while (now_ns() < end) {
        if (mp_thread_mutex_lock(&MP_STATE_VM(gil_mutex), 0) == 1) {
            return;
        }
        sched_yield();
    }
    #endif
    MP_THREAD_GIL_ENTER();
}

static bool is_word(const uint32_t *word, uint32_t seen) {
    return __atomic_load_n(word, __ATOMIC_SEQ_CST) == seen;
}

void mqtt_vm_wait_word(const uint32_t *word, uint32_t seen, uint32_t timeout_ms, mp_obj_t *exc) {
    pthread_once(&places_once, places_init);
    MP_THREAD_GIL_EXIT();
    int64_t present = now_ns();
    int64_t end = present + LONGEST_YIELD;
    while (is_word(word, seen) && present < end) {
        sched_yield();
        present = now_ns();
    }
    end = present + MIN(timeout_ms, LONGEST_SLEEP) * NS_PER_MS;
    pthread_mutex_lock(&places_mutex);
    while (is_word(word, seen) && present < end) {
        place_sleep(place_of(word), end);
        present = now_ns();
    }
    pthread_mutex_unlock(&places_mutex);
    gil_enter();
    mqtt_vm_take_exception(exc);
}

void mqtt_vm_wake(const uint32_t *word) {
    pthread_once(&places_once, places_init);
    // After this, every thread that has seen the old word is asleep.
    pthread_mutex_lock(&places_mutex);
    pthread_mutex_unlock(&places_mutex);
    pthread_cond_broadcast(place_of(word));
}

#endif

bool mqtt_vm_wait_stream(mp_obj_t stream, int fd, mp_uint_t flags, uint32_t timeout_ms, mp_obj_t *exc) {
    if (stream != MP_OBJ_NULL) {
        // The stream may have read ahead: it then holds bytes that the descriptor no longer shows.
        int err = 0;
        mp_uint_t ready = mqtt_vm_ioctl(stream, MP_STREAM_POLL, flags, &err, exc);
        if (*exc != MP_OBJ_NULL || (ready != MP_STREAM_ERROR && ready != 0)) {
            return true;
        }
    }
    struct pollfd p = { .fd = fd };
    if (flags & MP_STREAM_POLL_RD) {
        p.events |= POLLIN;
    }
    if (flags & MP_STREAM_POLL_WR) {
        p.events |= POLLOUT;
    }
    MP_THREAD_GIL_EXIT();
    int ready = poll(&p, 1, MIN(timeout_ms, LONGEST_SLEEP));
    MP_THREAD_GIL_ENTER();
    mqtt_vm_take_exception(exc);
    return ready > 0;
}

void mqtt_vm_shutdown(int fd) {
    shutdown(fd, SHUT_RDWR);
}

void mqtt_vm_set_nodelay(int fd, bool nodelay) {
    int value = nodelay;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, sizeof(value));
}

void mqtt_vm_close_now(mp_obj_t stream, int fd, mp_obj_t *exc) {
    (void)stream;
    *exc = MP_OBJ_NULL;
    if (fd >= 0) {
        close(fd);
    }
}

#endif
