// The border between C and Rust in the Python module. bindgen reads this file.
#ifndef MODMQTT_H
#define MODMQTT_H

#include "mqtt_vm.h"

extern const mp_obj_type_t mqtt_type_client;
extern const mp_obj_type_t mqtt_type_ssl_context;
extern const mp_obj_type_t mp_type_MQTTException;

// The function that the thread of a read loop runs, with the client as its argument.
mp_obj_t mqtt_loop_function(void);

// The methods, in Rust. `args` has one value for each entry of the specification, in its order. The
// caller raises `*exc` if the method has set it, and otherwise returns the result.
mp_obj_t mqtt_client_new(const mp_obj_t *args, mp_obj_t *exc);
mp_obj_t mqtt_client_connect(mp_obj_t self, const mp_obj_t *args, mp_obj_t *exc);
mp_obj_t mqtt_client_get_return_code(mp_obj_t self, const mp_obj_t *args, mp_obj_t *exc);
mp_obj_t mqtt_client_reconnect(mp_obj_t self, const mp_obj_t *args, mp_obj_t *exc);
mp_obj_t mqtt_client_connected(mp_obj_t self, const mp_obj_t *args, mp_obj_t *exc);
mp_obj_t mqtt_client_loop(mp_obj_t self, const mp_obj_t *args, mp_obj_t *exc);
mp_obj_t mqtt_client_set_username_pw(mp_obj_t self, const mp_obj_t *args, mp_obj_t *exc);
mp_obj_t mqtt_client_set_will(mp_obj_t self, const mp_obj_t *args, mp_obj_t *exc);
mp_obj_t mqtt_client_publish(mp_obj_t self, const mp_obj_t *args, mp_obj_t *exc);
mp_obj_t mqtt_client_subscribe(mp_obj_t self, const mp_obj_t *args, mp_obj_t *exc);
mp_obj_t mqtt_client_unsubscribe(mp_obj_t self, const mp_obj_t *args, mp_obj_t *exc);
mp_obj_t mqtt_client_disconnect(mp_obj_t self, const mp_obj_t *args, mp_obj_t *exc);
mp_obj_t mqtt_create_ssl_context(const mp_obj_t *args, mp_obj_t *exc);

// The finaliser, the body of the read loop's thread, and the two functions that replace that thread
// on ports without threads: one runs in the scheduler's turn, the other while a callback of that
// turn waits. None of them raises.
void mqtt_client_finalise(mp_obj_t self);
void mqtt_client_run_loop(mp_obj_t self);
void mqtt_run_scheduled(void);
void mqtt_run_while_waiting(void);

#endif // MODMQTT_H
