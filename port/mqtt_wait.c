// Waiting on a board, with the port's own way to sleep. See mqtt_vm.h.

#include "mqtt_vm_private.h"
#if !MICROPY_ENABLE_DYNRUNTIME
#include "py/mphal.h"
#endif

#if !defined(__unix__) && !defined(__APPLE__)

// A poll of the stream costs little. Between two polls the port sleeps until its next event, at most
// for this long, in ms.
#define POLL_PERIOD (1)

bool mqtt_vm_wait_stream(mp_obj_t stream, int fd, mp_uint_t flags, uint32_t timeout_ms, mp_obj_t *exc) {
    (void)fd;
    uint32_t start = mqtt_vm_ticks_ms();
    for (;;) {
        int err = 0;
        mp_uint_t ready = mqtt_vm_ioctl(stream, MP_STREAM_POLL, flags, &err, exc);
        if (*exc != MP_OBJ_NULL || ready == MP_STREAM_ERROR || ready != 0) {
            return true;
        }
        if (mqtt_vm_ticks_ms() - start >= MIN(timeout_ms, LONGEST_SLEEP)) {
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
    CATCH(exc, mp_event_wait_ms(MIN(timeout_ms, POLL_PERIOD)));
    if (*exc == MP_OBJ_NULL) {
        mqtt_vm_serve_loops();
    }
}

#if MQTT_HAS_THREADS == MQTT_YES

// A thread that waits looks again soon.
void mqtt_vm_wake(const uint32_t *word) {
    (void)word;
}

#endif

void mqtt_vm_shutdown(int fd) {
    (void)fd;
}

void mqtt_vm_set_nodelay(int fd, bool nodelay) {
    (void)fd;
    (void)nodelay;
}

void mqtt_vm_close_now(mp_obj_t stream, int fd, mp_obj_t *exc) {
    (void)fd;
    int err = 0;
    mqtt_vm_ioctl(stream, MP_STREAM_CLOSE, 0, &err, exc);
}

#endif
