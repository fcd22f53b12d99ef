// The one list of the names that Rust uses and that are no parameters (those are in mqtt_methods.h).
//
// A file that includes this one defines NAME(name), which is undefined afterwards.

NAME(IPPROTO_TCP)
NAME(SOL_SOCKET)
NAME(TCP_NODELAY)
NAME(args)
NAME(connect)
NAME(do_handshake_on_connect)
NAME(dup)
NAME(errno)
NAME(getaddrinfo)
NAME(gmtime)
NAME(offset)
NAME(os)
NAME(properties)
NAME(server_hostname)
NAME(setblocking)
NAME(setsockopt)
NAME(size)
NAME(sockaddr)
NAME(socket)
NAME(time)
NAME(urandom)
NAME(wrap_socket)

#if MQTT_HAS_AIO
NAME(_hold)
NAME(_wait)
NAME(send)
#endif

#if MQTT_HAS_V5
// Properties of MQTT 5.
NAME(assigned_client_identifier)
NAME(content_type)
NAME(correlation_data)
NAME(maximum_qos)
NAME(message_expiry_interval)
NAME(payload_format_indicator)
NAME(reason_string)
NAME(response_information)
NAME(response_topic)
NAME(retain_available)
NAME(server_keep_alive)
NAME(server_reference)
NAME(shared_subscription_available)
NAME(subscription_identifier)
NAME(subscription_identifiers_available)
NAME(topic_alias)
NAME(wildcard_subscription_available)
NAME(will_delay_interval)
#endif

#undef NAME
