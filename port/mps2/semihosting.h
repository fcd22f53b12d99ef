// QEMU's services for the board, with -semihosting: the host's clock, the host's entropy, and an exit
// status.
#ifndef MICROPY_INCLUDED_MPS2_SEMIHOSTING_H
#define MICROPY_INCLUDED_MPS2_SEMIHOSTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The host's clock: seconds since 1970.
uint32_t semihosting_time(void);

// Fills a buffer from a file of the host. The path never comes from the user.
bool semihosting_read_file(const char *path, void *buf, size_t len);

// Ends QEMU, with exit status 0 or 1.
__attribute__((noreturn)) void semihosting_exit(bool success);

#endif // MICROPY_INCLUDED_MPS2_SEMIHOSTING_H
