// What lwIP has to know about the compiler and the C library.
#ifndef MICROPY_INCLUDED_MPS2_LWIP_CC_H
#define MICROPY_INCLUDED_MPS2_LWIP_CC_H

#include <stdint.h>

// MicroPython's C library has neither of these.
#define LWIP_NO_CTYPE_H 1
#define LWIP_NO_UNISTD_H 1

// MicroPython's socket module closes a listening socket in a way that an assertion of lwIP's
// objects to, so that no port has them on.
#define LWIP_NOASSERT 1
#define LWIP_PLATFORM_DIAG(x)

#endif // MICROPY_INCLUDED_MPS2_LWIP_CC_H
