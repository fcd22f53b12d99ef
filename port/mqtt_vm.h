// The MicroPython VM as the Rust side sees it. bindgen reads this file.
//
// No function here raises. Where the VM can raise, the function catches the exception and sets `*exc`
// to it, or else to MP_OBJ_NULL. With an exception, a result that is an object or a pointer is NULL,
// and any other result means nothing.
#ifndef MQTT_VM_H
#define MQTT_VM_H

#include "py/obj.h"
#include "py/mperrno.h"
#include "py/stream.h"

// Its name up to MicroPython 1.25.
#ifndef MP_NORETURN
#define MP_NORETURN NORETURN
#endif

// The abilities of the port: MQTT_YES or MQTT_NO. A native module for several firmwares defines some of
// them as MQTT_ASK, and asks mqtt_vm_port_has() when it runs.
#define MQTT_NO (0)
#define MQTT_YES (1)
#define MQTT_ASK (2)

// Whether a read loop can be a thread. It must take turns with the main program, under a GIL. On the
// unix port without a GIL, threads work well enough for short programs. On other ports without a GIL
// (rp2) sockets are not safe in threads.
#if defined(MQTT_HAS_THREADS)
#elif MICROPY_PY_THREAD && (MICROPY_PY_THREAD_GIL || defined(__unix__) || defined(__APPLE__))
#define MQTT_HAS_THREADS MQTT_YES
#else
#define MQTT_HAS_THREADS MQTT_NO
#endif

// Whether programs can start threads of their own, as also on rp2's second processor.
#if defined(MQTT_PYTHON_HAS_THREADS)
#elif MICROPY_PY_THREAD
#define MQTT_PYTHON_HAS_THREADS (1)
#else
#define MQTT_PYTHON_HAS_THREADS (0)
#endif

// Whether sockets call a function when data comes: lwIP's do. (So do those of the NINA-W10's driver,
// which only looks ten times a second.)
#if defined(MQTT_SOCKETS_CALL)
#elif MICROPY_PY_LWIP
#define MQTT_SOCKETS_CALL MQTT_YES
#else
#define MQTT_SOCKETS_CALL MQTT_NO
#endif

// The NINA-W10's driver closes a socket for which connect() is called a second time. Whether a
// connection has come about, poll() tells.
#if defined(MQTT_CONNECT_ONCE)
#elif MICROPY_PY_NETWORK_NINAW10
#define MQTT_CONNECT_ONCE MQTT_YES
#else
#define MQTT_CONNECT_ONCE MQTT_NO
#endif

// Whether the errno numbers of the firmware may be others than those of py/mperrno.h.
#if !defined(MQTT_ERRNO_VARIES)
#define MQTT_ERRNO_VARIES (0)
#endif

// Only about an ability that is MQTT_ASK.
#define MQTT_FEATURE_THREADS (0)
#define MQTT_FEATURE_SOCKETS_CALL (1)
#define MQTT_FEATURE_CONNECT_ONCE (2)
bool mqtt_vm_port_has(unsigned feature);

// How many file descriptors a socket has under it (MP_STREAM_GET_FILENO).
#if defined(__unix__) || defined(__APPLE__)
#define MQTT_DESCRIPTORS (1)
#else
#define MQTT_DESCRIPTORS (0)
#endif

// The types that the Rust side names.
enum {
    MQTT_TYPE_OS_ERROR,
    MQTT_TYPE_TYPE_ERROR,
    MQTT_TYPE_VALUE_ERROR,
    MQTT_TYPE_MEMORY_ERROR,
    MQTT_TYPE_NOT_IMPLEMENTED_ERROR,
    MQTT_TYPE_INDEX_ERROR,
    MQTT_TYPE_MQTT_EXCEPTION,
    MQTT_TYPE_EXCEPTION,
    MQTT_TYPE_BYTEARRAY,
    // A function that gets payloads in parts: see src/module/parts.rs.
    MQTT_TYPE_IN_PARTS,
    // The native part of a Client.
    MQTT_TYPE_CLIENT,
    MQTT_TYPE_SSL_CONTEXT,
    MQTT_TYPE_AUTO_RECONNECT,
    MQTT_TYPE_DELIVERY,
    MQTT_TYPES
};

// Objects whose value is a cast macro, which bindgen cannot evaluate.
mp_obj_t mqtt_vm_none(void);
mp_obj_t mqtt_vm_bool(bool value);
mp_obj_t mqtt_vm_small_int(mp_int_t value);
mp_obj_t mqtt_vm_qstr(qstr name);

// The type of an object.
bool mqtt_vm_is_callable(mp_obj_t obj);
bool mqtt_vm_is_str(mp_obj_t obj);
bool mqtt_vm_is_bytes(mp_obj_t obj);
// `kind` is one of MQTT_TYPE_... here and below.
const mp_obj_type_t *mqtt_vm_type(unsigned kind);
bool mqtt_vm_is_of(mp_obj_t obj, unsigned kind);
bool mqtt_vm_is_exception_of(mp_obj_t exception, unsigned kind);
// False: not an integer. One that is too large for mp_int_t saturates.
bool mqtt_vm_get_int(mp_obj_t obj, mp_int_t *value, mp_obj_t *exc);
// False: neither str nor an object with the buffer protocol.
bool mqtt_vm_get_buffer(mp_obj_t obj, const uint8_t **data, size_t *len, mp_obj_t *exc);
// The bytes of a str or bytes object.
const uint8_t *mqtt_vm_str_data(mp_obj_t str, size_t *len);
// The memory of a bytearray, until Python code runs.
uint8_t *mqtt_vm_bytearray(mp_obj_t bytearray, size_t *len);
mp_obj_t mqtt_vm_len(mp_obj_t obj, mp_obj_t *exc);
mp_obj_t mqtt_vm_get_item(mp_obj_t obj, mp_int_t index, mp_obj_t *exc);

// New objects and memory.
mp_obj_t mqtt_vm_new_str(const uint8_t *utf8, size_t len, mp_obj_t *exc);
mp_obj_t mqtt_vm_new_bytes(const uint8_t *data, size_t len, mp_obj_t *exc);
mp_obj_t mqtt_vm_empty_bytes(void);
// A memoryview of the first `len` bytes of a bytearray, which has so many.
mp_obj_t mqtt_vm_new_view(mp_obj_t bytearray, size_t len, mp_obj_t *exc);
// A bytes object whose `len` bytes at `*data`, which are zeros, are still to be filled in.
mp_obj_t mqtt_vm_new_bytes_unfilled(size_t len, uint8_t **data, mp_obj_t *exc);
// Without the memory for it, the MemoryError that is raised instead.
mp_obj_t mqtt_vm_new_exception(unsigned kind, size_t n, const mp_obj_t *args);
// A tuple whose `n` items are attributes, too. `names` must last as long as the program.
mp_obj_t mqtt_vm_new_attrtuple(const qstr *names, size_t n, const mp_obj_t *items, mp_obj_t *exc);
// Zeroed, with a finaliser (the type's __del__); the type is set.
void *mqtt_vm_new_object(size_t size, unsigned kind, mp_obj_t *exc);
// Zeroed. The collector frees it when nothing refers to it. NULL: no memory.
void *mqtt_vm_alloc(size_t size);
void mqtt_vm_free(void *block, size_t size);

// Dicts, lists and large numbers, in a build with MQTT 5.
bool mqtt_vm_is_dict(mp_obj_t obj);
// The next entry of a dict, its key and its value, from `*place` on, which begins with 0. False: there is none.
bool mqtt_vm_next_entry(mp_obj_t dict, size_t *place, mp_obj_t *entry);
// False: the number, an int, does not fit.
bool mqtt_vm_get_u32(mp_obj_t number, uint32_t *value, mp_obj_t *exc);
mp_obj_t mqtt_vm_new_u32(uint32_t value, mp_obj_t *exc);
mp_obj_t mqtt_vm_new_dict(mp_obj_t *exc);
void mqtt_vm_store(mp_obj_t dict, mp_obj_t key, mp_obj_t value, mp_obj_t *exc);
mp_obj_t mqtt_vm_new_list(mp_obj_t *exc);
void mqtt_vm_append(mp_obj_t list, mp_obj_t item, mp_obj_t *exc);
// A tuple of two items.
mp_obj_t mqtt_vm_new_pair(mp_obj_t first, mp_obj_t second, mp_obj_t *exc);

// Calls.
//
// `args` are `n` values, then `n_kw` pairs of a name and a value.
mp_obj_t mqtt_vm_call(mp_obj_t fun, size_t n, size_t n_kw, const mp_obj_t *args, mp_obj_t *exc);
mp_obj_t mqtt_vm_call_method(mp_obj_t obj, qstr name, size_t n, const mp_obj_t *args, mp_obj_t *exc);
mp_obj_t mqtt_vm_import(qstr name, mp_obj_t *exc);
mp_obj_t mqtt_vm_load_attr(mp_obj_t obj, qstr name, mp_obj_t *exc);
bool mqtt_vm_has_attr(mp_obj_t obj, qstr name, mp_obj_t *exc);
// Holds the interrupt of Ctrl-C, or lets it through. A port that raises it out of its signal handler
// (MICROPY_ASYNC_KBD_INTR) must not do so over a Rust frame; mqtt_vm_take_exception() sees one that is
// held. Returns whether it was held before.
bool mqtt_vm_hold_interrupt(bool hold);
// Takes the exception that is pending for the calling thread (Ctrl-C); `*exc` is MP_OBJ_NULL if there is
// none. Runs nothing.
void mqtt_vm_take_exception(mp_obj_t *exc);
// Whether functions of micropython.schedule() and their like wait to be run.
bool mqtt_vm_has_scheduled(void);
// Takes the pending exception, or else runs those functions.
void mqtt_vm_handle_pending(mp_obj_t *exc);
void mqtt_vm_print_exception(mp_obj_t exception, mp_obj_t *exc);
void mqtt_vm_print_error(const char *text, size_t len, mp_obj_t *exc);
void mqtt_vm_print_number(uint32_t number, mp_obj_t *exc);

// Streams. The result MP_STREAM_ERROR means that `*err` holds an errno.
mp_uint_t mqtt_vm_read(mp_obj_t stream, void *buf, size_t size, int *err, mp_obj_t *exc);
mp_uint_t mqtt_vm_write(mp_obj_t stream, const void *buf, size_t size, int *err, mp_obj_t *exc);
bool mqtt_vm_is_stream(mp_obj_t obj, mp_obj_t *exc);
mp_uint_t mqtt_vm_ioctl(mp_obj_t stream, mp_uint_t request, uintptr_t arg, int *err, mp_obj_t *exc);

// The socket that `ssl_ctx.wrap_socket` gets, which it cannot close. NULL: no memory.
mp_obj_t mqtt_vm_new_borrowed_socket(mp_obj_t socket);
// The readiness that its last read or write waits for, MP_STREAM_POLL_RD or _WR; 0 if every read or
// write could be done since the last call of this.
mp_uint_t mqtt_vm_borrowed_socket_blocked(mp_obj_t socket);

// Waiting, with the GIL released. Both may return early; the caller knows its deadline.
//
// Waits for `flags` (MP_STREAM_POLL_RD, _WR) on a stream. `fd` is the file descriptor under it or -1;
// with a descriptor, a stream that is nothing more may be NULL. True: it is ready, or the next
// operation reports its failure.
bool mqtt_vm_wait_stream(mp_obj_t stream, int fd, mp_uint_t flags, uint32_t timeout_ms, mp_obj_t *exc);
// Waits until *word differs from `seen`. The function that changes it calls mqtt_vm_wake for it.
void mqtt_vm_wait_word(const uint32_t *word, uint32_t seen, uint32_t timeout_ms, mp_obj_t *exc);
void mqtt_vm_wake(const uint32_t *word);
// Wakes the threads that wait for the stream, which stays open.
void mqtt_vm_shutdown(int fd);
// Sets TCP_NODELAY.
void mqtt_vm_set_nodelay(int fd, bool nodelay);
// Closes it from a finaliser, where the GIL must not be released.
void mqtt_vm_close_now(mp_obj_t stream, int fd, mp_obj_t *exc);

uint32_t mqtt_vm_ticks_ms(void);

// The firmware's number for an errno of py/mperrno.h, or the other way round. Only with MQTT_ERRNO_VARIES.
uint16_t mqtt_vm_errno(uint16_t number, bool to_firmware);

// Between the two no interrupt and no other core runs. They nest. The second one gets the result of
// the first.
uint32_t mqtt_vm_begin_atomic_section(void);
void mqtt_vm_end_atomic_section(uint32_t state);

// The identity of the calling thread, never 0. Without threads, that of the context.
uintptr_t mqtt_vm_thread_id(void);
#define MQTT_VM_MAIN_CONTEXT (1)
#define MQTT_VM_LOOP_CONTEXT (2)
void mqtt_vm_start_thread(mp_obj_t fun, mp_obj_t arg, size_t stack_size, mp_obj_t *exc);

// On ports without threads, makes the scheduler call mqtt_run_scheduled in the main context.
void mqtt_vm_post_after(uint32_t ms);
// The same, but mqtt_vm_wake() makes it no earlier.
void mqtt_vm_rest_for(uint32_t ms);
// Serves the loops while the caller waits, even if a loop has called it.
void mqtt_vm_serve_loops(void);
// A function of one argument, for sockets that call one when data comes.
mp_obj_t mqtt_vm_wake_function(void);
void mqtt_vm_raise_in_main(mp_obj_t exception);
// A root pointer: the collector keeps the object that it refers to.
mp_obj_t mqtt_vm_get_root(void);
void mqtt_vm_set_root(mp_obj_t obj);

// Calls function(arg). A panic leaves it at once, as a raise does.
void mqtt_vm_guard(void (*function)(void *), void *arg);
// Bytes of stack that the calling thread has left.
size_t mqtt_vm_stack_left(void);

// Ends a panic. Under mqtt_vm_guard(), that returns. Elsewhere it prints a line on the console and
// calls the port's handler of fatal errors.
MP_NORETURN void mqtt_vm_panic(void);

#endif // MQTT_VM_H
