// Waiting for a stream and for another thread. See mqtt_vm.h.

#include "mqtt_vm.h"
#include "py/mphal.h"
#include "py/mpthread.h"
#include "py/runtime.h"

// Threads of a Unix host sleep in the kernel. Signals are delivered to whichever thread
// they like, so nobody sleeps longer than this without a look at what is pending, in ms.
#define LONGEST_SLEEP (100)

#if defined(__unix__) || defined(__APPLE__)

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t signal_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t signal_cond;
static pthread_once_t signal_once = PTHREAD_ONCE_INIT;

// On a clock that nobody sets, where the host lets a condition choose.
static void signal_init(void) {
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    #if !defined(__APPLE__)
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    #endif
    pthread_cond_init(&signal_cond, &attr);
    pthread_condattr_destroy(&attr);
}

static void signal_timedwait(uint32_t timeout_ms) {
    #if defined(__APPLE__)
    struct timespec span = { .tv_sec = timeout_ms / 1000, .tv_nsec = (long)(timeout_ms % 1000) * 1000000 };
    pthread_cond_timedwait_relative_np(&signal_cond, &signal_mutex, &span);
    #else
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec += 1;
    }
    pthread_cond_timedwait(&signal_cond, &signal_mutex, &until);
    #endif
}

bool mqtt_vm_wait_stream(mp_obj_t stream, int fd, mp_uint_t flags, uint32_t timeout_ms, mp_obj_t *exc) {
    if (stream != MP_OBJ_NULL) {
        // It may have taken from the descriptor what nobody has read from it.
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
    mqtt_vm_handle_pending(exc);
    return ready > 0;
}

void mqtt_vm_wait_word(const uint32_t *word, uint32_t seen, uint32_t timeout_ms, mp_obj_t *exc) {
    pthread_once(&signal_once, signal_init);
    MP_THREAD_GIL_EXIT();
    pthread_mutex_lock(&signal_mutex);
    if (__atomic_load_n(word, __ATOMIC_SEQ_CST) == seen) {
        signal_timedwait(MIN(timeout_ms, LONGEST_SLEEP));
    }
    pthread_mutex_unlock(&signal_mutex);
    MP_THREAD_GIL_ENTER();
    mqtt_vm_handle_pending(exc);
}

void mqtt_vm_wake(void) {
    pthread_once(&signal_once, signal_init);
    pthread_mutex_lock(&signal_mutex);
    pthread_cond_broadcast(&signal_cond);
    pthread_mutex_unlock(&signal_mutex);
}

void mqtt_vm_shutdown(int fd) {
    shutdown(fd, SHUT_RDWR);
}

void mqtt_vm_send_together(int fd, bool together) {
    int no_delay = !together;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof(no_delay));
}

void mqtt_vm_close_now(mp_obj_t stream, int fd, mp_obj_t *exc) {
    (void)stream;
    *exc = MP_OBJ_NULL;
    if (fd >= 0) {
        close(fd);
    }
}

#else

// A poll of the stream costs little; between two of them the port sleeps until its next
// event, or this long, in ms.
#define POLL_PERIOD (1)

bool mqtt_vm_wait_stream(mp_obj_t stream, int fd, mp_uint_t flags, uint32_t timeout_ms, mp_obj_t *exc) {
    (void)fd;
    mp_uint_t start = mp_hal_ticks_ms();
    for (;;) {
        int err = 0;
        mp_uint_t ready = mqtt_vm_ioctl(stream, MP_STREAM_POLL, flags, &err, exc);
        if (*exc != MP_OBJ_NULL || ready == MP_STREAM_ERROR || ready != 0) {
            return true;
        }
        if (mp_hal_ticks_ms() - start >= MIN(timeout_ms, LONGEST_SLEEP)) {
            return false;
        }
        mqtt_vm_wait_word(NULL, 0, POLL_PERIOD, exc);
        if (*exc != MP_OBJ_NULL) {
            return false;
        }
    }
}

void mqtt_vm_wait_word(const uint32_t *word, uint32_t seen, uint32_t timeout_ms, mp_obj_t *exc) {
    *exc = MP_OBJ_NULL;
    if (word != NULL && __atomic_load_n(word, __ATOMIC_SEQ_CST) != seen) {
        return;
    }
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        mp_event_wait_ms(MIN(timeout_ms, POLL_PERIOD));
        nlr_pop();
        mqtt_vm_serve_loops();
    } else {
        *exc = MP_OBJ_FROM_PTR(nlr.ret_val);
    }
}

void mqtt_vm_shutdown(int fd) {
    (void)fd;
}

void mqtt_vm_send_together(int fd, bool together) {
    (void)fd;
    (void)together;
}

void mqtt_vm_close_now(mp_obj_t stream, int fd, mp_obj_t *exc) {
    (void)fd;
    int err = 0;
    mqtt_vm_ioctl(stream, MP_STREAM_CLOSE, 0, &err, exc);
}

#endif
