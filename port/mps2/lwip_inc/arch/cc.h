// What lwIP has to know about the compiler and the C library.
#ifndef MICROPY_INCLUDED_MPS2_LWIP_CC_H
#define MICROPY_INCLUDED_MPS2_LWIP_CC_H

#include <stdint.h>

// MicroPython's C library has neither of these.
#define LWIP_NO_CTYPE_H 1
#define LWIP_NO_UNISTD_H 1

// In one instruction.
#define lwip_htons(x) __builtin_bswap16(x)
#define lwip_htonl(x) __builtin_bswap32(x)

uint16_t checksum(const void *data, int len);
#define LWIP_CHKSUM checksum

// MicroPython's socket module closes a listening socket in a way that an assertion of lwIP's
// objects to, so that no port has them on.
#define LWIP_NOASSERT 1
#define LWIP_PLATFORM_DIAG(x)

#endif // MICROPY_INCLUDED_MPS2_LWIP_CC_H
