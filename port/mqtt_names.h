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

#undef NAME
