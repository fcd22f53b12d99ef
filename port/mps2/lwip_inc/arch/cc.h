// What lwIP has to know about the compiler and the C library.
#ifndef MICROPY_INCLUDED_MPS2_LWIP_CC_H
#define MICROPY_INCLUDED_MPS2_LWIP_CC_H

#include <stdint.h>

// MicroPython's C library has neither of these.
#define LWIP_NO_CTYPE_H 1
#define LWIP_NO_UNISTD_H 1

#define LWIP_PLATFORM_DIAG(x)

// A board that is there for tests looks after lwIP's assertions.
__attribute__((noreturn)) void mps2_fatal(const char *what);
#define LWIP_PLATFORM_ASSERT(what) mps2_fatal("lwIP: " what)

#endif // MICROPY_INCLUDED_MPS2_LWIP_CC_H
