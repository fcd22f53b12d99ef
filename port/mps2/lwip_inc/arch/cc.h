// The description of the compiler and the C library for lwIP.
#ifndef MICROPY_INCLUDED_MPS2_LWIP_CC_H
#define MICROPY_INCLUDED_MPS2_LWIP_CC_H

#include <stdint.h>

// MicroPython's C library has neither of these headers.
#define LWIP_NO_CTYPE_H 1
#define LWIP_NO_UNISTD_H 1

// One instruction swaps the bytes.
#define lwip_htons(x) __builtin_bswap16(x)
#define lwip_htonl(x) __builtin_bswap32(x)

uint16_t checksum(const void *data, int len);
#define LWIP_CHKSUM checksum

// No port switches lwIP's assertions on, because MicroPython's socket module closes a listening socket in a
// way that one of them rejects.
#define LWIP_NOASSERT 1
#define LWIP_PLATFORM_DIAG(x)

#endif // MICROPY_INCLUDED_MPS2_LWIP_CC_H
