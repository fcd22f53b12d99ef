// The border between C and Rust in the Python module. bindgen reads this file.
#ifndef MODMQTT_H
#define MODMQTT_H

#include "mqtt_vm.h"

// The options of the build, each 1 or 0: docs/porting.md. MicroPython looks for names without the definitions of
// user modules on some ports.
#ifndef MQTT_HAS_OUTBOX
#define MQTT_HAS_OUTBOX (0)
#endif
#ifndef MQTT_HAS_STORE
#define MQTT_HAS_STORE (0)
#endif
#ifndef MQTT_HAS_AIO
#define MQTT_HAS_AIO (0)
#endif
#ifndef MQTT_HAS_V5
#define MQTT_HAS_V5 (0)
#endif
#ifndef MQTT_HAS_BY_HAND
#define MQTT_HAS_BY_HAND (1)
#endif
#ifndef MQTT_HAS_AUTO_RECONNECT
#define MQTT_HAS_AUTO_RECONNECT (1)
#endif

// The function that a read loop's thread runs, with the client's native part as its argument.
mp_obj_t mqtt_loop_function(void);

// The default port, and the options of Zerynth's ssl module.
#define MQTT_DEFAULT_PORT (1883)
#define MQTT_CERT_NONE (1)
#define MQTT_CERT_OPTIONAL (2)
#define MQTT_CERT_REQUIRED (4)
#define MQTT_CLIENT_AUTH (8)
#define MQTT_SERVER_AUTH (16)

// An argument: an object, never MP_OBJ_NULL. In Rust it is an `Obj`.
typedef mp_obj_t mqtt_arg_t;

// The arguments of each function, in the order of its parameters, all present.
#define PARAMETERS(name) typedef struct {
#define REQUIRED(name) mqtt_arg_t name;
#define OPTIONAL(name, value) mqtt_arg_t name;
#define END(name) } mqtt_##name##_args_t;
#include "mqtt_methods.h"

// The functions, in Rust. None of them raises. Each returns the result, or sets `*exc` to the
// exception that C is to raise. For a method, `self` is the native part of a Client, and `args` its
// arguments one after the other.
typedef mp_obj_t mqtt_method_t(mp_obj_t self, const mqtt_arg_t *args, mp_obj_t *exc);
// Makes the native part of `instance`, which is a Client.
#define CONSTRUCTOR(name) mp_obj_t mqtt_client_##name(mp_obj_t instance, const mqtt_##name##_args_t *args, mp_obj_t *exc);
#define METHOD(name) mp_obj_t mqtt_client_##name(mp_obj_t self, const mqtt_arg_t *args, mp_obj_t *exc);
#define PLAIN_METHOD METHOD
#define ATTRIBUTE(name) mp_obj_t mqtt_client_##name(mp_obj_t self, const mqtt_arg_t *args, mp_obj_t *exc);
// For a method of Delivery, `self` is that object.
#define DELIVERY_METHOD(name) mp_obj_t mqtt_delivery_##name(mp_obj_t self, const mqtt_##name##_args_t *args, mp_obj_t *exc);
#define DELIVERY_PLAIN_METHOD(name) mp_obj_t mqtt_delivery_##name(mp_obj_t self, mp_obj_t *exc);
#define FUNCTION(name) mp_obj_t mqtt_##name(const mqtt_##name##_args_t *args, mp_obj_t *exc);
#include "mqtt_methods.h"

// For `await`. If it `begins` to wait: the iterator that does it, the Delivery itself or a coroutine. Otherwise whether
// the message has come to its end.
mp_obj_t mqtt_delivery_awaited(mp_obj_t self, bool begins, mp_obj_t *exc);

// Calls the function that auto_reconnect() has made. `client` is the native part of a Client. Does not raise.
mp_obj_t mqtt_auto_reconnect_call(mp_obj_t self, mp_obj_t client, mp_obj_t *exc);

// One of the states below, and the client identifier.
unsigned mqtt_client_state(mp_obj_t self, mp_obj_t *client_id);
#define MQTT_STATE_NOT_CONNECTED (0)
// The loop runs.
#define MQTT_STATE_LOST (1)
#define MQTT_STATE_CONNECTING (2)
#define MQTT_STATE_CONNECTED (3)

// The socket of the client's connection, or MP_OBJ_NULL. Does not raise.
mp_obj_t mqtt_client_socket(mp_obj_t self);

// The finaliser, the body of the read loop's thread, and the two functions that replace that thread
// on ports without threads: one runs in the scheduler's turn, the other while a callback of that
// turn waits. None of them raises.
void mqtt_client_finalise(mp_obj_t self);
void mqtt_client_run_loop(mp_obj_t self);
void mqtt_run_scheduled(void);
void mqtt_run_while_waiting(void);

#endif // MODMQTT_H
