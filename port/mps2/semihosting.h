// What QEMU does for the board when it runs with -semihosting: the host's clock and entropy, and
// an end with an exit status.
#ifndef MICROPY_INCLUDED_MPS2_SEMIHOSTING_H
#define MICROPY_INCLUDED_MPS2_SEMIHOSTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The host's clock: seconds since 1970.
uint32_t semihosting_time(void);

// Fills a buffer from a file of the host. The path is never the user's.
bool semihosting_read_file(const char *path, void *buf, size_t len);

// Ends QEMU, with exit status 0 or 1.
__attribute__((noreturn)) void semihosting_exit(bool success);

#endif // MICROPY_INCLUDED_MPS2_SEMIHOSTING_H
