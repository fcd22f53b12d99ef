// The stream that the client gives to `ssl_ctx.wrap_socket`. It passes everything to the socket except
// close(), which stays with the client, and it remembers the direction in which the protocol on top
// was blocked.

#include "mqtt_vm_private.h"

typedef struct _borrowed_socket_t {
    mp_obj_base_t base;
    mp_obj_t socket;
    // The direction of the last read or write that would have blocked: MP_STREAM_POLL_RD or _WR.
    mp_uint_t blocked;
} borrowed_socket_t;

static mp_uint_t borrowed_read(mp_obj_t self_in, void *buf, mp_uint_t size, int *err) {
    borrowed_socket_t *self = MP_OBJ_TO_PTR(self_in);
    mp_uint_t n = mp_get_stream(self->socket)->read(self->socket, buf, size, err);
    if (n == MP_STREAM_ERROR && mp_is_nonblocking_error(*err)) {
        self->blocked = MP_STREAM_POLL_RD;
    }
    return n;
}

static mp_uint_t borrowed_write(mp_obj_t self_in, const void *buf, mp_uint_t size, int *err) {
    borrowed_socket_t *self = MP_OBJ_TO_PTR(self_in);
    mp_uint_t n = mp_get_stream(self->socket)->write(self->socket, buf, size, err);
    if (n == MP_STREAM_ERROR && mp_is_nonblocking_error(*err)) {
        self->blocked = MP_STREAM_POLL_WR;
    }
    return n;
}

static mp_uint_t borrowed_ioctl(mp_obj_t self_in, mp_uint_t request, uintptr_t arg, int *err) {
    borrowed_socket_t *self = MP_OBJ_TO_PTR(self_in);
    if (request == MP_STREAM_CLOSE) {
        return 0;
    }
    return mp_get_stream(self->socket)->ioctl(self->socket, request, arg, err);
}

static const mp_stream_p_t borrowed_stream = {
    .read = borrowed_read,
    .write = borrowed_write,
    .ioctl = borrowed_ioctl,
};

#if MICROPY_ENABLE_DYNRUNTIME
static mp_obj_t borrowed_close(mp_obj_t self) {
    (void)self;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(borrowed_close_obj, borrowed_close);
#define CLOSE borrowed_close_obj
#else
#define CLOSE mp_stream_close_obj
#endif

// Looks up every attribute except close() in the socket.
static void borrowed_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    borrowed_socket_t *self = MP_OBJ_TO_PTR(self_in);
    if (dest[0] != MP_OBJ_NULL) {
        return;
    }
    if (attr == MP_QSTR_close) {
        dest[0] = MP_OBJ_FROM_PTR(&CLOSE);
        dest[1] = self_in;
    } else {
        mp_load_method_maybe(self->socket, attr, dest);
    }
}

#if MICROPY_ENABLE_DYNRUNTIME
void natmod_init_borrowed_type(void) {
    natmod_init_type(&STATE->borrowed_type, MP_QSTR_socket, MP_TYPE_FLAG_NONE);
    MP_OBJ_TYPE_SET_SLOT(&STATE->borrowed_type, attr, (void *)borrowed_attr, 0);
    MP_OBJ_TYPE_SET_SLOT(&STATE->borrowed_type, protocol, (void *)&borrowed_stream, 1);
}
#else
static MP_DEFINE_CONST_OBJ_TYPE(
    borrowed_type,
    MP_QSTR_socket,
    MP_TYPE_FLAG_NONE,
    attr, borrowed_attr,
    protocol, &borrowed_stream
    );
#endif

mp_obj_t mqtt_vm_new_borrowed_socket(mp_obj_t socket) {
    // Allocated without a finaliser: the collector would find the socket's `__del__` through borrowed_attr.
    borrowed_socket_t *self = mqtt_vm_alloc(sizeof(borrowed_socket_t));
    if (self == NULL) {
        return MP_OBJ_NULL;
    }
    self->base.type = TYPE(borrowed_type);
    self->socket = socket;
    return MP_OBJ_FROM_PTR(self);
}

mp_uint_t mqtt_vm_borrowed_socket_blocked(mp_obj_t socket) {
    borrowed_socket_t *self = MP_OBJ_TO_PTR(socket);
    mp_uint_t blocked = self->blocked;
    self->blocked = 0;
    return blocked;
}
