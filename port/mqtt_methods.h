// The one list of the module's functions and their parameters, in the order of the parameters.
//
// A file that includes this one defines those of the macros below that it needs; all of them are
// undefined afterwards. So the tables of parameters, the prototypes, the structures of arguments
// and the names come from here, for C and, through bindgen, for Rust.
//
//   CONSTRUCTOR(name)    Client.__init__
//   METHOD(name)         a method of Client with parameters
//   PLAIN_METHOD(name)   a method of Client without parameters, which has no END
//   ATTRIBUTE(name)      an attribute of Client, which programs only read; it has no END
//   DELIVERY_METHOD(name), DELIVERY_PLAIN_METHOD(name)
//                        the same for Delivery
//   FUNCTION(name)       a function of the module
//   PARAMETERS(name)     stands for each of the above that has parameters and is not defined
//   REQUIRED(name)       a parameter without a default
//   OPTIONAL(name, value) a parameter with a default: NONE, TRUE, FALSE, EMPTY or INT(number)
//   KEYWORD(name, value) the same for one that a call must name; those come last
//   END(name)            the end of the parameters
//
// The methods stand in the order in which MicroPython searches them: from the front.

#ifndef PARAMETERS
#define PARAMETERS(name)
#endif
#ifndef CONSTRUCTOR
#define CONSTRUCTOR(name) PARAMETERS(name)
#endif
#ifndef METHOD
#define METHOD(name) PARAMETERS(name)
#endif
#ifndef PLAIN_METHOD
#define PLAIN_METHOD(name)
#endif
#ifndef ATTRIBUTE
#define ATTRIBUTE(name)
#endif
#ifndef DELIVERY_METHOD
#define DELIVERY_METHOD(name) PARAMETERS(name)
#endif
#ifndef DELIVERY_PLAIN_METHOD
#define DELIVERY_PLAIN_METHOD(name)
#endif
#ifndef FUNCTION
#define FUNCTION(name) PARAMETERS(name)
#endif
#ifndef REQUIRED
#define REQUIRED(name)
#endif
#ifndef OPTIONAL
#define OPTIONAL(name, value)
#endif
#ifndef KEYWORD
#define KEYWORD(name, value) OPTIONAL(name, value)
#endif
#ifndef END
#define END(name)
#endif

CONSTRUCTOR(new)
    REQUIRED(client_id)
    OPTIONAL(clean_session, TRUE)
    OPTIONAL(cycle_timeout, INT(500))
    OPTIONAL(command_timeout, INT(60000))
END(new)

METHOD(publish)
    REQUIRED(topic)
    OPTIONAL(payload, EMPTY)
    OPTIONAL(qos, INT(0))
    OPTIONAL(retain, FALSE)
    KEYWORD(wait, TRUE)
    #if MQTT_HAS_V5
    KEYWORD(properties, NONE)
    #endif
END(publish)

METHOD(connect)
    REQUIRED(host)
    REQUIRED(keepalive)
    OPTIONAL(port, INT(MQTT_DEFAULT_PORT))
    OPTIONAL(ssl_ctx, NONE)
    OPTIONAL(breconnect_cb, NONE)
    OPTIONAL(aconnect_cb, NONE)
    OPTIONAL(loop_failure, NONE)
    OPTIONAL(start_loop, TRUE)
END(connect)

PLAIN_METHOD(get_return_code)
PLAIN_METHOD(reconnect)
PLAIN_METHOD(connected)
PLAIN_METHOD(loop)
#if MQTT_HAS_BY_HAND
PLAIN_METHOD(ping)

METHOD(wait_msg)
    OPTIONAL(timeout, NONE)
END(wait_msg)
#endif

METHOD(set_callback)
    REQUIRED(function)
END(set_callback)

METHOD(set_username_pw)
    REQUIRED(username)
    OPTIONAL(password, EMPTY)
END(set_username_pw)

METHOD(set_will)
    REQUIRED(topic)
    REQUIRED(payload)
    OPTIONAL(qos, INT(0))
    OPTIONAL(retain, TRUE)
    #if MQTT_HAS_V5
    KEYWORD(properties, NONE)
    #endif
END(set_will)

METHOD(subscribe)
    REQUIRED(topic)
    REQUIRED(function)
    OPTIONAL(qos, INT(0))
    KEYWORD(into, NONE)
    #if MQTT_HAS_V5
    KEYWORD(no_local, FALSE)
    KEYWORD(retain_as_published, FALSE)
    KEYWORD(retain_handling, INT(0))
    KEYWORD(properties, NONE)
    #endif
END(subscribe)

METHOD(unsubscribe)
    REQUIRED(topic)
    #if MQTT_HAS_V5
    KEYWORD(properties, NONE)
    #endif
END(unsubscribe)

METHOD(disconnect)
    OPTIONAL(timeout, NONE)
    #if MQTT_HAS_V5
    KEYWORD(reason, INT(0))
    KEYWORD(properties, NONE)
    #endif
END(disconnect)

#if MQTT_HAS_V5
METHOD(set_version)
    REQUIRED(version)
    KEYWORD(session_expiry_interval, NONE)
    KEYWORD(receive_maximum, NONE)
    KEYWORD(maximum_packet_size, NONE)
    KEYWORD(topic_alias_maximum, NONE)
    KEYWORD(request_response_information, NONE)
    KEYWORD(request_problem_information, NONE)
    KEYWORD(user_property, NONE)
    KEYWORD(authentication_method, NONE)
    KEYWORD(authentication_data, NONE)
END(set_version)

METHOD(request)
    REQUIRED(topic)
    OPTIONAL(payload, EMPTY)
    OPTIONAL(timeout, NONE)
    KEYWORD(qos, INT(0))
    KEYWORD(properties, NONE)
END(request)

METHOD(reply)
    REQUIRED(payload)
    KEYWORD(qos, INT(0))
    KEYWORD(message, NONE)
END(reply)

METHOD(set_authentication)
    REQUIRED(method)
    OPTIONAL(function, NONE)
END(set_authentication)

PLAIN_METHOD(reauthenticate)
#endif

#if MQTT_HAS_STORE
PLAIN_METHOD(save)

METHOD(restore)
    REQUIRED(state)
END(restore)

METHOD(set_store)
    REQUIRED(function)
END(set_store)
#endif

#if MQTT_HAS_AIO
// For mqtt_aio, the program's driver of the loop.
METHOD(_step)
    REQUIRED(done)
END(_step)

METHOD(_answer)
    REQUIRED(ticket)
    REQUIRED(how)
END(_answer)
#endif

ATTRIBUTE(message)
ATTRIBUTE(session_present)
ATTRIBUTE(failure)
#if MQTT_HAS_V5
ATTRIBUTE(properties)
#endif

#if MQTT_HAS_AUTO_RECONNECT
FUNCTION(auto_reconnect)
    OPTIONAL(first, INT(1000))
    OPTIONAL(most, INT(60000))
END(auto_reconnect)
#endif
#if MQTT_HAS_OUTBOX
DELIVERY_PLAIN_METHOD(done)

DELIVERY_METHOD(wait)
    OPTIONAL(timeout, NONE)
END(wait)
#endif

FUNCTION(create_ssl_context)
    OPTIONAL(cacert, EMPTY)
    OPTIONAL(clicert, EMPTY)
    OPTIONAL(pkey, EMPTY)
    OPTIONAL(hostname, EMPTY)
    OPTIONAL(options, INT(MQTT_CERT_REQUIRED | MQTT_SERVER_AUTH))
    KEYWORD(alpn, NONE)
END(create_ssl_context)

#undef PARAMETERS
#undef CONSTRUCTOR
#undef METHOD
#undef PLAIN_METHOD
#undef ATTRIBUTE
#undef DELIVERY_METHOD
#undef DELIVERY_PLAIN_METHOD
#undef FUNCTION
#undef REQUIRED
#undef OPTIONAL
#undef KEYWORD
#undef END
